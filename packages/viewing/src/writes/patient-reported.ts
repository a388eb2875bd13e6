import { matches, type Resource } from '@meridian/fhir';
import { authoredBy } from '../rules/filters.ts';

/** What patients may add to their records. */
export const REPORTABLE = ['Observation', 'QuestionnaireResponse'] as const;

/** "Patient reported" as a statement of integrity confidence (HL7 v3 ObservationValue). */
const SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';
const CODE = 'PATRPT';

/** Whether a record says that it was reported by the patient who writes it. */
export function isMarkedAsReported(resource: Resource | undefined, people: readonly string[]): boolean {
  if (!resource || !(REPORTABLE as readonly string[]).includes(resource.resourceType)) return false;
  const security: unknown = resource.meta?.security;
  const marked =
    Array.isArray(security) && security.some((coding) => coding?.system === SYSTEM && coding?.code === CODE);
  const rule = authoredBy([resource.resourceType], people);
  return marked && rule.kind === 'filter' && matches([rule.filter], resource);
}
