import type { Resource } from '@meridian/fhir';
import { generatePopulation, type PopulationOptions } from '@meridian/population';
import type { AccountInput } from '@meridian/server';

/** Who the demonstration accounts are, and the resources that the population lacks for them. */
export interface DemoPeople {
  accounts: AccountInput[];
  resources: Resource[];
}

interface Parent {
  id: string;
  name: string;
  children: { id: string; born: string }[];
}

/** What is gathered in one pass over the population. */
interface Gathered {
  patients: Map<string, Resource>;
  /** RelatedPerson id → the child's Patient id. */
  childOf: Map<string, string>;
  roles: Resource[];
  organizations: Resource[];
  /** Patient id → Practitioner id → encounters. */
  seen: Map<string, Map<string, number>>;
}

const COMING_OF_AGE = 18;
/** SNOMED CT specialties of PractitionerRole in the population. */
const PATHOLOGY = '394915009';

/**
 * Chooses people of the population who show most: a parent with children and a long record, the practitioner who saw that
 * parent most often, and colleagues. The choice follows from the population alone, so it is the same at every start.
 */
export function demoPeople(options: PopulationOptions): DemoPeople {
  const gathered = gather(options);
  const parent = chooseParent(gathered, options.until);
  const doctor = whoSees(gathered, parent.id, 'Dr');
  const tcm = whoSees(gathered, parent.id, 'CMP');
  const nurse = whoSees(gathered, parent.id, 'Nurse');
  const pathologist = idOf(
    gathered.roles.find(({ specialty }) => JSON.stringify(specialty ?? '').includes(PATHOLOGY))?.practitioner,
  );
  const clinic = organizationsOf(gathered, doctor)[0] ?? '';
  const pharmacy = gathered.organizations.find(({ name }) => String(name).includes('Pharmacy'))?.id ?? clinic;
  const made = MADE.map((person) => ({ ...person, at: person.username === 'pharmacist' ? pharmacy : clinic }));
  return {
    accounts: [
      patientAccount(parent),
      staff('doctor', nameOf(gathered, doctor), doctor, 'western-practitioner', 'western-medicine'),
      staff('tcm', nameOf(gathered, tcm), tcm, 'tcm-practitioner', 'chinese-medicine'),
      staff('nurse', nameOf(gathered, nurse), nurse, 'nurse', 'nursing'),
      staff('laboratory', nameOf(gathered, pathologist), pathologist, 'laboratory', 'laboratory'),
      ...made.map(({ username, name, role, registration }) =>
        staff(username, name, `demo-${username}`, role, registration),
      ),
    ],
    resources: made.flatMap(({ username, name, at }) => madeResources(username, name, at)),
  };
}

type Registration = AccountInput['registrations'][number];

/** People whom the population does not have. */
const MADE: readonly {
  username: string;
  name: string;
  role: AccountInput['roles'][number];
  registration?: Registration;
}[] = [
  { username: 'pharmacist', name: 'SIU Chi Wai 蕭志偉', role: 'pharmacist', registration: 'pharmacy' },
  { username: 'records', name: 'MOK Lai Kuen 莫麗娟', role: 'records-officer' },
  { username: 'privacy', name: 'FUNG Tak Shing 馮德成', role: 'privacy-officer' },
  { username: 'auditor', name: 'LUK Wing Yan 陸詠欣', role: 'auditor' },
  { username: 'researcher', name: 'SZETO Ka Yan 司徒嘉恩', role: 'researcher' },
  { username: 'admin', name: 'TAM Kwok Keung 譚國強', role: 'administrator' },
];

function staff(
  username: string,
  name: string,
  practitionerId: string,
  role: AccountInput['roles'][number],
  registration?: Registration,
): AccountInput {
  return {
    username,
    name,
    kind: 'person',
    resource: `Practitioner/${practitionerId}`,
    roles: [role],
    organizations: [],
    registrations: registration === undefined ? [] : [registration],
    proxies: [],
    subjects: [],
    state: 'active',
  };
}

function patientAccount({ id, name, children }: Parent): AccountInput {
  return {
    ...staff('patient', name, id, 'patient'),
    resource: `Patient/${id}`,
    roles: ['patient', 'proxy'],
    proxies: children.map((child) => ({
      patientId: child.id,
      relation: 'parent',
      from: Date.parse(child.born),
      until: comingOfAge(child.born),
      scope: 'decide',
    })),
  };
}

function madeResources(username: string, name: string, organization: string): Resource[] {
  return [
    { resourceType: 'Practitioner', id: `demo-${username}`, active: true, name: [{ text: name }] },
    {
      resourceType: 'PractitionerRole',
      id: `demo-${username}-role`,
      active: true,
      practitioner: { reference: `Practitioner/demo-${username}`, display: name },
      organization: { reference: `Organization/${organization}` },
    },
  ];
}

function gather(options: PopulationOptions): Gathered {
  const gathered: Gathered = {
    patients: new Map(),
    childOf: new Map(),
    roles: [],
    organizations: [],
    seen: new Map(),
  };
  for (const resources of generatePopulation(options)) for (const resource of resources) add(gathered, resource);
  return gathered;
}

function add({ patients, childOf, roles, organizations, seen }: Gathered, resource: Resource): void {
  const { resourceType, id = '' } = resource;
  if (resourceType === 'Patient') patients.set(id, resource);
  if (resourceType === 'RelatedPerson') childOf.set(id, idOf(resource.patient));
  if (resourceType === 'PractitionerRole') roles.push(resource);
  if (resourceType === 'Organization') organizations.push(resource);
  if (resourceType !== 'Encounter') return;
  const patient = idOf(resource.subject);
  const counts = seen.get(patient) ?? new Map<string, number>();
  seen.set(patient, counts);
  for (const { individual } of (resource.participant ?? []) as { individual?: unknown }[]) {
    const practitionerId = idOf(individual);
    counts.set(practitionerId, (counts.get(practitionerId) ?? 0) + 1);
  }
}

/**
 * The living parent of two or more minors (of one, where nobody has two), in the care of both medicines if there is such
 * a parent, with the most encounters.
 */
function chooseParent(gathered: Gathered, until: string): Parent {
  const { patients, childOf, seen } = gathered;
  const chinese = titled(gathered, 'CMP');
  const candidates: (Parent & { rank: number })[] = [];
  for (const [id, patient] of patients) {
    if (patient.deceasedDateTime !== undefined) continue;
    const children = ((patient.link ?? []) as { other?: unknown }[]).flatMap(({ other }) => {
      const child = childOf.get(idOf(other)) ?? '';
      const born = String(patients.get(child)?.birthDate ?? '');
      return born !== '' && comingOfAge(born) > Date.parse(until) ? [{ id: child, born }] : [];
    });
    const counts = [...(seen.get(id) ?? [])];
    const encounters = counts.reduce((sum, [, count]) => sum + count, 0);
    const both = counts.some(([practitionerId]) => chinese.has(practitionerId)) ? 5e5 : 0;
    candidates.push({
      id,
      name: fullName(patient),
      children,
      rank: Math.min(children.length, 2) * 1e6 + both + encounters,
    });
  }
  const [best] = candidates.sort((a, b) => b.rank - a.rank);
  if (best === undefined) throw new RangeError('A demonstration needs at least one living patient.');
  return best;
}

/** Logical ids of the practitioners with a title, in the order of the population. */
function titled({ roles }: Gathered, title: 'Dr' | 'CMP' | 'Nurse'): Set<string> {
  const fitting = roles.filter(({ practitioner }) => displayOf(practitioner).startsWith(`${title} `));
  return new Set(fitting.map(({ practitioner }) => idOf(practitioner)));
}

/** Of the practitioners with a title, the one who saw a patient most often; the first, where none did. */
function whoSees(gathered: Gathered, patientId: string, title: 'Dr' | 'CMP' | 'Nurse'): string {
  const counts = gathered.seen.get(patientId);
  const all = [...titled(gathered, title)];
  return all.sort((a, b) => (counts?.get(b) ?? 0) - (counts?.get(a) ?? 0))[0] ?? '';
}

function comingOfAge(born: string): number {
  const day = new Date(born);
  return Date.UTC(day.getUTCFullYear() + COMING_OF_AGE, day.getUTCMonth(), day.getUTCDate());
}

function organizationsOf({ roles }: Gathered, practitionerId: string): string[] {
  return roles.filter((role) => idOf(role.practitioner) === practitionerId).map((role) => idOf(role.organization));
}

function nameOf({ roles }: Gathered, practitionerId: string): string {
  return displayOf(roles.find(({ practitioner }) => idOf(practitioner) === practitionerId)?.practitioner);
}

function displayOf(reference: unknown): string {
  return typeof reference === 'object' && reference !== null && 'display' in reference ? String(reference.display) : '';
}

/** English before Chinese, as the displays of practitioners have it. */
function fullName(patient: Resource): string {
  const names = ((patient.name ?? []) as { text?: string }[]).map(({ text }) => text ?? '');
  return names.reverse().join(' ').trim();
}

/** The logical id in a relative reference. */
function idOf(reference: unknown): string {
  const text =
    typeof reference === 'object' && reference !== null && 'reference' in reference ? reference.reference : '';
  return String(text).split('/')[1] ?? '';
}
