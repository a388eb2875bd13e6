import { randomUUID } from 'node:crypto';
import { ipsDocument } from '@meridian/convert';
import { stringifyJson } from '@meridian/fhir';
import type { StoredVersion } from '@meridian/records';
import type { Viewer } from '@meridian/viewing';
import { ANYBODY, contextOf } from '../access/visibility-of.ts';
import type { Target } from './operation.ts';
import { parseStored } from './outgoing.ts';
import { requireLive } from './read.ts';
import type { Answer, FhirRequest } from './request.ts';
import { queryOf } from './search.ts';
import type { Services } from './services.ts';

/** What a summary is made of, and how many of the newest of each type are looked at. */
const TYPES = [
  'AllergyIntolerance',
  'MedicationStatement',
  'MedicationRequest',
  'Condition',
  'Immunization',
  'Procedure',
  'Observation',
];
const MOST_OF_TYPE = 200;

/**
 * `Patient/[id]/$summary` (HL7 IPS 2.0.0): the International Patient Summary of what the caller may see, as a document
 * Bundle.
 */
export async function summary(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const bundle = await summaryDocument(target.id as string, request.context, services);
  return { status: 200, body: Buffer.from(stringifyJson(bundle)) };
}

/** The summary of a patient as seen in a context. Throws 404 where that sees no such patient. */
export async function summaryDocument(
  patientId: string,
  context: FhirRequest['context'],
  services: Services,
): Promise<ReturnType<typeof ipsDocument>> {
  const stored = await services.store.read('Patient', patientId, context);
  const patient = requireLive(stored, 'Patient', patientId);
  const pages = await Promise.all(
    TYPES.map((type) =>
      services.store.search(
        {
          ...queryOf([type], [], 'strict', services, { owner: 'Patient', id: patientId }),
          count: MOST_OF_TYPE,
        },
        context,
      ),
    ),
  );
  const versions: StoredVersion[] = [patient, ...pages.flatMap(({ matches }) => matches)];
  return ipsDocument(versions.map(parseStored), {
    at: new Date(services.now()),
    newId: randomUUID,
    baseUrl: services.baseUrl,
    author: new URL(services.baseUrl).host,
  });
}

/** The summary for whoever opens a patient's health link: what the patient sees. */
export async function summaryForLink(patientId: string, requestId: string, services: Services): Promise<Buffer> {
  const viewer: Viewer = {
    ...ANYBODY,
    actor: `Patient/${patientId}`,
    roles: ['patient'],
    patientId,
    purpose: 'PATRQT',
    scope: 'patient/*.rs',
  };
  const context = contextOf({ ...viewer, launchPatient: patientId }, requestId, services.visibilityOf);
  // the event of the view names the link, not the patient
  const bundle = await summaryDocument(patientId, { ...context, actor: 'HealthLink' }, services);
  return Buffer.from(stringifyJson(bundle));
}
