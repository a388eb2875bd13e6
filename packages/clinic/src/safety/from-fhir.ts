import type { Resource } from '@meridian/fhir';
import { factsOf } from './fhir/facts.ts';
import { itemsOf } from './fhir/items.ts';
import type { Json } from './fhir/read.ts';
import type { SafetyInput } from './input.ts';

/**
 * What {@link checkSafety} needs, read from the resources of one patient (FHIR R4): MedicationRequest, MedicationStatement,
 * Medication (contained or given), AllergyIntolerance, Condition, Observation, Patient; others are passed over. Resources
 * are taken as they were on `on` (`YYYY-MM-DD`) where they carry dates. Malformed parts are read as absent.
 *
 * References between resources are looked up as `Type/id`.
 */
export function fromFhir(resources: readonly Resource[], on: string): SafetyInput {
  const all = new Map<string, Json>();
  for (const one of resources) if (one.id !== undefined) all.set(`${one.resourceType}/${one.id}`, one);
  return { items: itemsOf(resources, all, on), patient: factsOf(resources, on), on };
}
