import type { Resource } from '@meridian/fhir';
import type { Fidelity } from '../../evidence/fidelity.ts';
import { table } from '../concept-maps.ts';

/** Elements of each type that a C-CDA entry of ours holds. */
const WRITTEN: Readonly<Record<string, readonly string[]>> = table({
  Patient: [
    'identifier',
    'name',
    'telecom',
    'gender',
    'birthDate',
    'address',
    'maritalStatus',
    'communication',
    'deceasedBoolean',
    'deceasedDateTime',
  ],
  AllergyIntolerance: [
    'identifier',
    'clinicalStatus',
    'verificationStatus',
    'type',
    'category',
    'criticality',
    'code',
    'onsetDateTime',
    'recordedDate',
    'note',
    'reaction',
  ],
  Condition: [
    'identifier',
    'clinicalStatus',
    'verificationStatus',
    'code',
    'bodySite',
    'onsetDateTime',
    'abatementDateTime',
    'recordedDate',
    'note',
  ],
  MedicationStatement: [
    'identifier',
    'status',
    'medicationCodeableConcept',
    'effectiveDateTime',
    'effectivePeriod',
    'dateAsserted',
    'reasonCode',
    'note',
    'dosage',
  ],
  MedicationRequest: [
    'identifier',
    'status',
    'intent',
    'medicationCodeableConcept',
    'authoredOn',
    'reasonCode',
    'note',
    'dosageInstruction',
    'doNotPerform',
  ],
  Immunization: [
    'identifier',
    'status',
    'statusReason',
    'vaccineCode',
    'occurrenceDateTime',
    'lotNumber',
    'site',
    'route',
    'doseQuantity',
    'note',
  ],
  Procedure: ['identifier', 'status', 'code', 'performedDateTime', 'performedPeriod', 'bodySite', 'note'],
  Observation: [
    'identifier',
    'status',
    'category',
    'code',
    'effectiveDateTime',
    'effectivePeriod',
    'valueQuantity',
    'valueRange',
    'valueRatio',
    'valueInteger',
    'valueBoolean',
    'valueString',
    'valueDateTime',
    'valuePeriod',
    'valueCodeableConcept',
    'dataAbsentReason',
    'interpretation',
    'note',
    'method',
    'bodySite',
    'referenceRange',
    'component',
    'hasMember',
  ],
  DiagnosticReport: ['identifier', 'status', 'category', 'code', 'effectiveDateTime', 'effectivePeriod', 'result'],
  Encounter: ['identifier', 'status', 'class', 'type', 'period'],
  ServiceRequest: [
    'identifier',
    'status',
    'intent',
    'code',
    'occurrenceDateTime',
    'occurrencePeriod',
    'authoredOn',
    'note',
    'doNotPerform',
  ],
});

/** How the record points to its patient, and what the narrative or the document says anew. */
const CARRIED = new Set(['resourceType', 'id', 'meta', 'text', 'subject', 'patient']);

/** Counts the elements of a resource as mapped or dropped. */
export function accountFor(resource: Resource, isWritten: boolean, fidelity: Fidelity): void {
  const written = new Set(WRITTEN[resource.resourceType]);
  for (const name of Object.keys(resource)) {
    if (CARRIED.has(name)) continue;
    const path = `${resource.resourceType}.${name}`;
    if (!isWritten) fidelity.dropped(path, 'no section of this document holds the resource');
    else if (written.has(name)) fidelity.mapped(path);
    else fidelity.dropped(path, 'the C-CDA entry has no place for it, or none that this converter writes');
  }
}
