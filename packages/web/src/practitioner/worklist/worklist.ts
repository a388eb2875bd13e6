import type { Appointment, Encounter, FhirResource, Patient, Task } from 'fhir/r4';
import type { FhirClient, Search } from '../../api/fhir.ts';

/** A visit of the practitioner, planned or begun. */
export interface Visit {
  resource: Appointment | Encounter;
  patientId: string;
  /** ISO 8601. */
  at: string;
}

const DAY = 86_400_000;
const MOST = 50;
/** The code of the Tasks that ask for a critical result to be acknowledged (packages/clinic). */
const CRITICAL = 'https://meridian.example/fhir/CodeSystem/clinic-task|acknowledge-critical-result';

/** What waits for a practitioner, with the patients that it is about. */
export interface Worklist {
  visits: Visit[];
  critical: Task[];
  people: ReadonlyMap<string, Patient>;
}

/**
 * Visits from a week ago to a week ahead, and critical results that nobody has acknowledged.
 *
 * @param practitioner such as `Practitioner/1`
 * @param now epoch milliseconds
 */
export async function loadWorklist(
  fhir: FhirClient,
  practitioner: string,
  now: number,
  signal: AbortSignal,
): Promise<Worklist> {
  const day = (offset: number): string => new Date(now + offset * DAY).toISOString().slice(0, 10);
  const all = (type: FhirResource['resourceType'], search: Search) =>
    fhir.search<FhirResource>(type, { _count: MOST, ...search }, { signal });
  const [appointments, encounters, tasks] = await Promise.all([
    all('Appointment', {
      actor: practitioner,
      date: [`ge${day(0)}`, `le${day(7)}`],
      status: 'booked,arrived,checked-in,pending,proposed',
      _sort: 'date',
      _include: 'Appointment:patient',
    }),
    all('Encounter', {
      participant: practitioner,
      date: `ge${day(-7)}`,
      _sort: '-date',
      _include: 'Encounter:subject',
    }),
    all('Task', { code: CRITICAL, status: 'requested,received,accepted,in-progress', _include: 'Task:patient' }),
  ]);
  const resources = [appointments, encounters, tasks].flatMap((page) => page.resources);
  const people = resources.filter((one): one is Patient => one.resourceType === 'Patient');
  return {
    visits: resources.flatMap(visitOf).sort((a, b) => order(a, b, now)),
    critical: resources.filter((one): one is Task => one.resourceType === 'Task'),
    people: new Map(people.map((person) => [person.id ?? '', person])),
  };
}

function visitOf(resource: FhirResource): Visit[] {
  if (resource.resourceType === 'Encounter') {
    const patientId = patientIn(resource.subject?.reference);
    return patientId === undefined ? [] : [{ resource, patientId, at: resource.period?.start ?? '' }];
  }
  if (resource.resourceType !== 'Appointment') return [];
  const patientId = resource.participant.map(({ actor }) => patientIn(actor?.reference)).find((id) => id !== undefined);
  return patientId === undefined ? [] : [{ resource, patientId, at: resource.start ?? '' }];
}

function patientIn(reference: string | undefined): string | undefined {
  return /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(reference ?? '')?.[1];
}

/** What is to come first, the nearest on top; then what was, the latest on top. */
function order(a: Visit, b: Visit, now: number): number {
  const [at, bt] = [Date.parse(a.at), Date.parse(b.at)];
  const [coming, other] = [at >= now, bt >= now];
  if (coming !== other) return coming ? -1 : 1;
  return coming ? at - bt : bt - at;
}
