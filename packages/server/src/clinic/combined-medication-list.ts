import { readFormula, safetyInputFromFhir, standardCatalogue } from '@meridian/clinic';
import type { Resource } from '@meridian/fhir';
import type { Target } from '../fhir/operation.ts';
import { resourceAnswer } from '../fhir/outgoing.ts';
import type { Answer, FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { noteSeen, requirePatient } from './patient-record.ts';
import { checkPatient, type SafetyCheck } from './safety.ts';

const LIST_CODE = { system: 'http://loinc.org', code: '10160-0', display: 'History of Medication use Narrative' };

/**
 * `Patient/[id]/$combined-medication-list`: what the patient takes today, drugs and herbs in one List (FHIR R4), each entry
 * with what it is made of and how many findings concern it. The orders and statements themselves follow
 * in the Bundle.
 */
export async function combinedMedicationList(
  target: Target,
  request: FhirRequest,
  services: Services,
): Promise<Answer> {
  const check = await checkPatient(target.id, [], request, services);
  requirePatient(check.record);
  const on = new Date(services.now()).toISOString();
  const { items } = safetyInputFromFhir(check.record.seen, on.slice(0, 10));
  const current = items.filter(({ end }) => end === undefined || end >= on.slice(0, 10));
  const byReference = new Map(check.record.seen.map((one) => [`${one.resourceType}/${one.id}`, one]));
  const resources = current.flatMap(({ id }) => byReference.get(id) ?? []);
  await noteSeen(target.id, resources, request, services);
  const list = {
    resourceType: 'List',
    status: 'current',
    mode: 'snapshot',
    code: { coding: [LIST_CODE], text: 'Combined medication list' },
    subject: { reference: `Patient/${target.id}` },
    date: on,
    entry: resources.map((resource) => ({
      flag: {
        coding: [{ system: KIND_SYSTEM, code: kindOf(resource) }],
        text: String(findingsOn(resource, check.findings)),
      },
      item: { reference: `${resource.resourceType}/${resource.id}`, display: displayOf(resource) },
    })),
  };
  const entry = [list as Resource, ...resources].map((resource) => ({
    ...(resource.id !== undefined && { fullUrl: `${services.baseUrl}/${resource.resourceType}/${resource.id}` }),
    resource,
  }));
  return resourceAnswer(200, { resourceType: 'Bundle', type: 'collection', timestamp: on, entry });
}

const KIND_SYSTEM = 'https://meridian.example/fhir/CodeSystem/medicine-kind';

type Findings = SafetyCheck['findings'];

function findingsOn({ resourceType, id }: Resource, findings: Findings): number {
  const reference = `${resourceType}/${id}`;
  return findings.filter(({ concerned }) => concerned.some(({ items }) => items.includes(reference))).length;
}

function kindOf(resource: Resource): 'chinese' | 'western' {
  if (readFormula(resource)) return 'chinese';
  const name = displayOf(resource);
  const catalogue = standardCatalogue();
  return catalogue.findHerb(name) || catalogue.findFormula(name) ? 'chinese' : 'western';
}

function displayOf(resource: Resource): string {
  const { medicationCodeableConcept: concept, contained } = resource as Resource & {
    medicationCodeableConcept?: { text?: string; coding?: { display?: string; code?: string }[] };
    contained?: { resourceType?: string; code?: { text?: string; coding?: { display?: string }[] } }[];
  };
  const inside = contained?.find(({ resourceType }) => resourceType === 'Medication')?.code;
  const [coding] = concept?.coding ?? [];
  return concept?.text ?? coding?.display ?? inside?.text ?? inside?.coding?.[0]?.display ?? coding?.code ?? '';
}
