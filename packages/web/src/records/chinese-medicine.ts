import type { Coding, Extension, FhirResource, Medication, MedicationRequest, Procedure } from 'fhir/r4';
import { conceptText, plain, quantityText } from './words.ts';

/** Profiles and extensions of Chinese medicine (packages/clinic) have names that begin so. */
const OURS = '/StructureDefinition/tcm-';

/** Whether a record is one of Chinese medicine: it says so by its profile. */
export function isChineseMedicine({ meta }: FhirResource): boolean {
  return (meta?.profile ?? []).some((profile) => profile.includes(OURS));
}

/** The medication within a prescription, as a formula is. */
export function containedMedication({ contained, medicationReference }: MedicationRequest): Medication | undefined {
  const id = /^#(.+)$/.exec(medicationReference?.reference ?? '')?.[1];
  return contained?.find((one): one is Medication => one.resourceType === 'Medication' && one.id === id);
}

/** The herbs of a formula with their amounts, in its order. */
export function herbsOf(medication: Medication | undefined, locale: string): string[] {
  return (medication?.ingredient ?? []).map(({ itemCodeableConcept, strength }) =>
    [conceptText(itemCodeableConcept, locale), quantityText(strength?.numerator, locale)].filter(Boolean).join(' '),
  );
}

/** The points that were treated, each with its depth and how long the needle stayed. */
export function pointsOf({ extension }: Procedure, locale: string): string[] {
  return (extension ?? [])
    .filter(({ url }) => url.endsWith(`${OURS}treated-point`))
    .map(({ extension: parts = [] }) => {
      const measures = ['depth', 'retention'].map((name) => quantityText(partOf(parts, name)?.valueQuantity, locale));
      return [pointName(partOf(parts, 'point')?.valueCoding), ...measures].filter(Boolean).join(' · ');
    });
}

function partOf(parts: readonly Extension[], name: string): Extension | undefined {
  return parts.find(({ url }) => url === name);
}

function pointName(coding: Coding | undefined): string {
  return plain(coding?.display ?? coding?.code);
}
