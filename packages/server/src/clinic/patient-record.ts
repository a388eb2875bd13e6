import { type Issue, patientIdOf, type Resource } from '@meridian/fhir';
import { EVENT_KIND, LABEL, labelsOf, plainContext } from '@meridian/records';
import { ruleAdmits } from '@meridian/viewing';
import { parseStored } from '../fhir/outgoing.ts';
import { type FhirRequest, header } from '../fhir/request.ts';
import { queryOf } from '../fhir/search.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';

/** What a caller may see of a patient's record, and what else there is. */
export interface SplitRecord {
  /** Number of the patient. */
  patient: bigint;
  /** The caller may see these, the Patient among them. */
  seen: readonly Resource[];
  /** Kept from the caller, by consent, label or policy; without what the patient removed from the record. */
  withheld: readonly Resource[];
}

/** What is looked for, newest first where it is sorted; enough for the longest lists of medicines and problems. */
export interface Looked {
  type: string;
  parameters?: readonly (readonly [string, string])[];
}

const MOST_OF_TYPE = 1000;

/**
 * The patient's records of some types, split by what the caller may see. Nobody sees anything by this alone: whoever
 * shows something of it puts a view on record (`noteSeen`).
 */
export async function splitRecord(
  patientId: string,
  looked: readonly Looked[],
  request: FhirRequest,
  services: Services,
): Promise<SplitRecord> {
  const { store, viewing, baseUrl } = services;
  const patient = store.patientNumber(patientId);
  const types = ['Patient', ...looked.map(({ type }) => type)];
  const [rule, self, ...pages] = await Promise.all([
    request.context.visibility.ruleFor({ types: [...new Set(types)], patient }),
    store.evidence.read('Patient', patientId),
    ...looked.map(({ type, parameters = [] }) =>
      store.evidence.search({ ...queryOf([type], parameters, 'strict', services), count: MOST_OF_TYPE }, patient),
    ),
  ]);
  const seen: Resource[] = [];
  const withheld: Resource[] = [];
  for (const stored of [self, ...pages.flatMap(({ matches }) => matches)]) {
    if (stored?.json === undefined) continue;
    const resource = parseStored(stored);
    const owner = resource.resourceType === 'Patient' ? resource.id : patientIdOf(resource, baseUrl);
    if (owner !== patientId) continue;
    const labels = labelsOf(resource, viewing.labelRules);
    if (ruleAdmits(rule, { resource, patient, labels })) seen.push(resource);
    else if ((labels & LABEL.removed) === 0) withheld.push(resource);
  }
  return { patient, seen, withheld };
}

/** Throws 404 where the caller sees no such patient: it is answered as one that does not exist. */
export function requirePatient({ seen }: Pick<SplitRecord, 'seen'>): Resource {
  const patient = seen.find(({ resourceType }) => resourceType === 'Patient');
  if (patient) return patient;
  throw refusal(404, 'not-found', 'There is no Patient with this id.');
}

/** `Type/id/_history/version` of a stored resource. */
export function versionOf({ resourceType, id, meta }: Resource): string {
  return `${resourceType}/${id}/_history/${meta?.versionId ?? '1'}`;
}

/** Puts on record that somebody saw these of a patient's records. */
export async function noteSeen(
  patientId: string,
  resources: readonly Resource[],
  request: FhirRequest,
  services: Services,
  basis = 'clinic',
): Promise<void> {
  if (resources.length === 0) return;
  const context = plainContext(request.context);
  const subjects = resources.map(versionOf);
  await services.store.record([{ kind: EVENT_KIND.viewed, patientId, context, subjects, basis }]);
}

/** The logical id in `Patient/1` or `1`. Throws 400. */
export function patientIdIn(text: string | undefined): string {
  const id = /^(?:Patient\/)?([A-Za-z0-9\-.]{1,64})$/.exec(text ?? '')?.[1];
  if (id !== undefined) return id;
  throw refusal(400, 'required', 'Name the patient, as in Patient/1.');
}

/** Refuses to act while somebody looks through another's eyes (`View-As`): that changes nothing. */
export function requireOwnEyes(request: FhirRequest): void {
  if (header(request, 'view-as') === undefined) return;
  throw refusal(403, 'forbidden', 'While you look as somebody else would, nothing can be changed.');
}

/** A refusal whose words for the reader stand in `details`, apart from the sentence for the program. */
export type WordedIssue = Issue & { details: { coding?: { system: string; code: string }[]; text: string } };
