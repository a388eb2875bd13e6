import { type EscalationPolicy, interpret, measurementsOf } from '@meridian/clinic';
import { patientIdOf, type Resource } from '@meridian/fhir';
import type { WriteResult } from '@meridian/records';
import { ANYBODY } from '../access/visibility-of.ts';
import type { FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { OURSELVES } from './critical-alerts.ts';

/** Results that are told; earlier statuses may still change, and what was entered in error is none. */
const TOLD = new Set(['final', 'amended', 'corrected']);
/** An older result is history that somebody entered late. */
const FRESH = 7 * 86_400_000;
/** Own defaults: a critical call is expected within the quarter of an hour, and somebody else hears after it. */
const FIRST_MINUTES = 15;
const NEXT_MINUTES = 30;

/**
 * Opens an alert for each fresh result that is critical, before the write is answered: who was told that a result is
 * stored may rely on it that its alert is stored too. A repeated request opens no second one.
 */
export async function alertCritical(
  resources: readonly Resource[],
  results: readonly WriteResult[],
  request: FhirRequest,
  services: Services,
): Promise<void> {
  for (const [at, resource] of resources.entries()) {
    const result = results[at];
    if (!result || resource.resourceType !== 'Observation' || !TOLD.has(String(resource.status))) continue;
    const patientId = patientIdOf(resource, services.baseUrl);
    if (patientId === undefined) continue;
    const id = result.stored.id;
    const measurements = measurementsOf({ ...resource, id }).filter(
      ({ effective }) => services.now() - Date.parse(effective) < FRESH,
    );
    if (measurements.length === 0) continue;
    const found = interpret(measurements, await services.clinic.facts.of(patientId));
    const critical = found.filter(({ flag }) => flag === 'LL' || flag === 'HH');
    if (critical.length === 0) continue;
    const value = critical.map(({ measurement: { loinc, value, unit } }) => `${loinc} ${value} ${unit}`).join(', ');
    const policy = await policyFor(resource, patientId, request, services);
    await services.clinic.criticalAlerts.open(`Observation/${id}`, value, patientId, policy);
  }
}

/**
 * Who is told: first whoever ordered the test, then everybody who has the patient in care. Where nobody is known, whoever
 * reported the result is: somebody has to pick up the telephone.
 */
async function policyFor(
  observation: Resource,
  patientId: string,
  { viewer }: FhirRequest,
  services: Services,
): Promise<EscalationPolicy> {
  const { viewing, store } = services;
  const { care } = await viewing.visibilities.situation(ANYBODY, store.patientNumber(patientId));
  const people = await practitioners(
    care.flatMap((fact) => fact.people),
    services,
  );
  const orders = await orderers(observation, services);
  const levels = [
    { recipients: orders, minutes: FIRST_MINUTES },
    { recipients: people, minutes: NEXT_MINUTES },
  ].filter(({ recipients }) => recipients.length > 0);
  const reporter = viewer.actor.includes('/') ? viewer.actor : OURSELVES;
  return { levels: levels.length > 0 ? levels : [{ recipients: [reporter], minutes: NEXT_MINUTES }] };
}

async function orderers(observation: Resource, services: Services): Promise<string[]> {
  const { basedOn } = observation as Resource & { basedOn?: { reference?: unknown }[] };
  const found: string[] = [];
  for (const { reference } of basedOn?.slice(0, 10) ?? []) {
    const id = /^ServiceRequest\/([A-Za-z0-9\-.]{1,64})$/.exec(String(reference))?.[1];
    const order = id === undefined ? undefined : await services.viewing.evidence.read('ServiceRequest', id);
    const requester = (order as { requester?: { reference?: unknown } } | undefined)?.requester?.reference;
    if (typeof requester === 'string') found.push(requester);
  }
  return practitioners(found, services);
}

/** Practitioners, with those behind a PractitionerRole. */
async function practitioners(references: readonly string[], { viewing }: Services): Promise<string[]> {
  const found = new Set<string>();
  for (const reference of new Set(references)) {
    const [type, id = ''] = reference.split('/');
    if (type === 'Practitioner') found.add(reference);
    if (type !== 'PractitionerRole') continue;
    const role = (await viewing.evidence.read('PractitionerRole', id)) as
      | { practitioner?: { reference?: unknown } }
      | undefined;
    const behind = role?.practitioner?.reference;
    if (typeof behind === 'string' && behind.startsWith('Practitioner/')) found.add(behind);
  }
  return [...found].sort();
}
