import type { Cell } from './cell.ts';
import { code, codeSystemUri, concept, text, words } from './concepts.ts';
import { date, dateTime, instant } from './dates.ts';
import {
  entityIdentifier,
  type Identifier,
  identifier,
  organization,
  organizationCode,
  place,
  practitioner,
} from './identifiers.ts';
import { wholeNumber } from './patient-map.ts';
import { quantityWithUnit } from './quantities.ts';
import { type Rules, within } from './rules.ts';
import type { Source } from './source.ts';

/** ORC[ServiceRequest]. Status and intent: orders.ts. */
export const ORC_REQUEST: Rules = [
  [2, 'identifier[]', entityIdentifier('PLAC')],
  [3, 'identifier[]', entityIdentifier('FILL')],
  [33, 'identifier[]', identifier('PLAC')],
  [9, 'authoredOn', dateTime],
  [12, 'requester', practitioner],
  [4, 'requisition', entityIdentifier('PGN')],
  [16, 'reasonCode[]', concept()],
];

/** ORC of an order for a drug: the same elements under the names of MedicationRequest. */
export const ORC_MEDICATION: Rules = [
  [2, 'identifier[]', entityIdentifier('PLAC')],
  [3, 'identifier[]', entityIdentifier('FILL')],
  [9, 'authoredOn', dateTime],
  [12, 'requester', practitioner],
  [4, 'groupIdentifier', entityIdentifier('PGN')],
  [10, 'recorder', practitioner],
];

/** ORC[Immunization], ORC[MedicationDispense]: only its numbers belong to what was done. */
export const ORC_NUMBERS: Rules = [
  [2, 'identifier[]', entityIdentifier('PLAC')],
  [3, 'identifier[]', entityIdentifier('FILL')],
];

/** OBR[ServiceRequest]. */
export const OBR_REQUEST: Rules = [
  [2, 'identifier[]', entityIdentifier('PLAC')],
  [3, 'identifier[]', entityIdentifier('FILL')],
  [53, 'identifier[]', identifier('PLAC')],
  [4, 'code', concept()],
  [5, 'priority', code('ExtendedPriorityCodes')],
  [6, 'occurrenceDateTime', dateTime],
  [16, 'requester', practitioner],
  [31, 'reasonCode[]', concept()],
  [13, 'note[]', within('text', words)],
  [46, 'orderDetail[]', concept()],
  [47, 'orderDetail[]', concept()],
];

/** OBR[DiagnosticReport]. */
export const OBR_REPORT: Rules = [
  [2, 'identifier[]', entityIdentifier('PLAC')],
  [3, 'identifier[]', entityIdentifier('FILL')],
  [4, 'code', concept()],
  [7, 'effectiveDateTime', dateTime],
  [22, 'issued', instant],
  [24, 'category[]', concept('DiagnosticServiceSectionID')],
];

/** TQ1[ServiceRequest], as far as one date and one priority go. */
export const TQ1_REQUEST: Rules = [
  [7, 'occurrenceDateTime', dateTime],
  [9, 'priority', code('ExtendedPriorityCodes')],
];

/** SPM[Specimen]. */
export const SPM_SPECIMEN: Rules = [
  [31, 'identifier[]', entityIdentifier()],
  [4, 'type', concept('SpecimenType')],
  [5, 'type.coding[]', (cell, source) => concept()(cell, source)?.coding?.[0]],
  [6, 'container[]', within('additiveCodeableConcept', concept('AdditivePreservative'))],
  [7, 'collection.method', concept('SpecimenCollectionMethod')],
  [8, 'collection.bodySite', concept()],
  [12, 'collection.quantity', quantityWithUnit],
  [14, 'note[]', within('text', text)],
  [17, 'collection.collectedDateTime', dateTime],
  [18, 'receivedTime', dateTime],
  [20, 'status', code('YesNoIndicator[AvailabilityStatus]')],
  [24, 'condition[]', concept('SpecimenCondition')],
  [27, 'container[]', within('type', concept())],
  [30, 'accessionIdentifier', identifier()],
];

/** TXA[DocumentReference]. */
export const TXA_DOCUMENT: Rules = [
  [12, 'identifier[]', entityIdentifier()],
  [2, 'type', concept()],
  [6, 'date', instant],
  [9, 'author[]', practitioner],
  [10, 'authenticator', practitioner],
  [22, 'authenticator', practitioner],
  [16, 'description', text],
  [18, 'securityLabel[]', concept('ConfidentialityCode')],
];

/** RXA[Immunization]. */
export const RXA_IMMUNIZATION: Rules = [
  [3, 'occurrenceDateTime', dateTime],
  [5, 'vaccineCode', concept()],
  [10, 'performer[]', administering],
  [15, 'lotNumber', text],
  [16, 'expirationDate', date],
  [17, 'manufacturer', organizationCode],
  [18, 'statusReason', concept()],
  [19, 'reasonCode[]', concept()],
  [22, 'recorded', dateTime],
  [27, 'location', place],
  [9, 'reportOrigin', concept()],
];

function administering(cell: Cell, source: Source): unknown {
  const actor = practitioner(cell, source);
  if (!actor) return undefined;
  const system = 'http://terminology.hl7.org/CodeSystem/v2-0443';
  return { function: { coding: [{ system, code: 'AP', display: 'Administering Provider' }] }, actor };
}

/** RXR: route and site, for a dosage or an immunization. */
export const RXR_ROUTE: Rules = [
  [1, 'route', concept('RouteOfAdministration')],
  [2, 'site', concept('BodyParts')],
];

/** RXO[MedicationRequest]. */
export const RXO_REQUEST: Rules = [
  [1, 'medicationCodeableConcept', concept()],
  [14, 'requester', practitioner],
  [20, 'reasonCode[]', concept()],
  [7, 'dosageInstruction[]', within('text', words)],
  [13, 'dispenseRequest.numberOfRepeatsAllowed', count],
  [9, 'substitution.allowedCodeableConcept', concept('AllowSubstitution')],
];

/** RXE (pharmacy's encoded order): HL7's guide has little of it; as RXO by the names of the fields. */
export const RXE_REQUEST: Rules = [
  [2, 'medicationCodeableConcept', concept()],
  [13, 'requester', practitioner],
  [15, 'identifier[]', identifier()],
  [12, 'dispenseRequest.numberOfRepeatsAllowed', count],
  [7, 'dosageInstruction[]', within('text', words)],
  [27, 'reasonCode[]', concept()],
  [9, 'substitution.allowedCodeableConcept', concept('AllowSubstitution')],
];

/** RXD (dispense). */
export const RXD_DISPENSE: Rules = [
  [2, 'medicationCodeableConcept', concept()],
  [3, 'whenHandedOver', dateTime],
  [7, 'identifier[]', identifier()],
  [10, 'performer[]', within('actor', practitioner)],
  [9, 'note[]', within('text', text)],
];

/** CWE[Identifier] of a plan. */
function planIdentifier(cell: Cell, source: Source): Identifier | undefined {
  const value = cell.text(1);
  if (value === '') return undefined;
  const name = cell.text(3);
  const display = cell.text(2);
  const system = name === '' ? source.sender : codeSystemUri(name, source);
  return { ...(display !== '' && { type: { text: display } }), system, value };
}

/** IN1[Coverage]. Subscriber and payor: coverage.ts. */
export const IN1_COVERAGE: Rules = [
  [2, 'identifier[]', planIdentifier],
  [49, 'identifier[]', identifier('SN')],
  [36, 'subscriberId', text],
  [4, 'payor[]', organization],
  [12, 'period.start', dateTime],
  [13, 'period.end', dateTime],
  [15, 'type', concept()],
  [17, 'relationship', concept('Relationship')],
];

/** FT1 (financial transaction): HL7's guide has no map; by the names of the fields. */
export const FT1_CHARGE: Rules = [
  [2, 'identifier[]', identifier()],
  [4, 'occurrenceDateTime', dateTime],
  [7, 'code', concept()],
  [8, 'note[]', within('text', text)],
  [19, 'reason[]', concept()],
  [20, 'performer[]', within('actor', practitioner)],
];

/** SCH[Appointment]. */
export const SCH_APPOINTMENT: Rules = [
  [1, 'identifier[]', entityIdentifier('PLAC')],
  [2, 'identifier[]', entityIdentifier('FILL')],
  [7, 'reasonCode[]', concept('AppointmentReasonCodes')],
  [8, 'appointmentType', concept('AppointmentTypeCodes')],
  [9, 'minutesDuration', count, (segment) => /^(?:MIN|M)?$/i.test(segment.peek(10))],
];

function count(cell: Cell): number | undefined {
  const value = wholeNumber(cell.peek(1));
  if (value !== undefined && value > 0) cell.take(1);
  return value !== undefined && value > 0 ? value : undefined;
}
