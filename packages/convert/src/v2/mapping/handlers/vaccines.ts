import type { Assembly, Draft } from '../assembly.ts';
import type { SegmentCells } from '../cell.ts';
import { codeFrom } from '../code-tables.ts';
import { concept } from '../concepts.ts';
import { dateTime } from '../dates.ts';
import type { Identifier } from '../identifiers.ts';
import { ORC_NUMBERS, RXA_IMMUNIZATION, RXR_ROUTE } from '../order-map.ts';
import { decimal, unitsOf, withUnits } from '../quantities.ts';
import { append, applyRules, type Json, push } from '../rules.ts';
import { numberOf } from './orders.ts';
import { addEncounter } from './visits.ts';

/** RXA in VXU: a vaccine given, refused or not given. */
export function vaccine(segment: SegmentCells, assembly: Assembly): void {
  const { orc, source } = assembly;
  const key = [segment.peek(5), segment.peek(3), segment.peek(15)];
  const draft = assembly.startOfPatient('Immunization', 'update', 'patient', key);
  if (!draft) return;
  const { resource } = draft;
  if (orc) applyRules(resource, ORC_NUMBERS, orc, source);
  orc?.text(1);
  assembly.orc = undefined;
  applyRules(resource, RXA_IMMUNIZATION, segment, source);
  resource.vaccineCode ??= { text: 'unknown' };
  if (resource.occurrenceDateTime === undefined) resource.occurrenceString = 'unknown';
  const quantity = decimal(segment.peek(6));
  // 999 is "unknown" in immunization registries (CDC implementation guide 2.5.1 §4, RXA-6)
  if (quantity && quantity.value !== 999) {
    segment.text(6);
    resource.doseQuantity = withUnits(quantity, unitsOf(segment.first(7), source));
  }
  const isWrong = segment.text(21) === 'D';
  const completion = codeFrom('CompletionStatus', segment.text(20));
  resource.status = isWrong ? 'entered-in-error' : (completion ?? 'completed');
  // statusReason explains why not; a reason beside a completed one has no meaning
  if (resource.status === 'completed') delete resource.statusReason;
  const filler = (resource.identifier as Identifier[] | undefined) && numberOf(resource);
  if (filler) draft.match = filler;
  addEncounter(draft, assembly);
  assembly.immunization = draft;
  assembly.sheets.clear();
  assembly.annotated = draft;
}

/** RXR after a vaccine. */
export function vaccineRoute(segment: SegmentCells, assembly: Assembly): void {
  if (assembly.immunization) applyRules(assembly.immunization.resource, RXR_ROUTE, segment, assembly.source);
}

/** LOINC codes of OBX in immunization messages that have their own elements in FHIR (CDC implementation guide 2.5.1). */
const ELIGIBILITY = '64994-7';
const FUNDING = '30963-3';
const DOCUMENT_TYPE = '69764-9';
const DOCUMENT_PUBLISHED = '29768-9';
const DOCUMENT_PRESENTED = '29769-7';

/** Whether the OBX is such a fact; then it has become part of the Immunization. */
export function vaccineFact(segment: SegmentCells, { resource }: Draft, assembly: Assembly): boolean {
  const { source } = assembly;
  const cell = segment.first(5);
  if (!cell) return false;
  const question = segment.peek(3);
  if (question === ELIGIBILITY) append(resource, 'programEligibility', concept()(cell, source));
  else if (question === FUNDING) resource.fundingSource = concept()(cell, source);
  else if (question === DOCUMENT_TYPE)
    education(resource, segment, assembly).documentType = cell.text(2) || cell.text(1);
  else if (question === DOCUMENT_PUBLISHED)
    education(resource, segment, assembly).publicationDate = dateTime(cell, source);
  else if (question === DOCUMENT_PRESENTED)
    education(resource, segment, assembly).presentationDate = dateTime(cell, source);
  else return false;
  for (const field of [2, 3, 4, 11]) segment.text(field);
  return true;
}

/** OBX-4 groups what belongs to one information sheet. */
function education(immunization: Json, segment: SegmentCells, { sheets }: Assembly): Json {
  const group = segment.peek(4);
  const found = sheets.get(group);
  if (found) return found;
  const made: Json = { documentType: 'Vaccine information statement' };
  sheets.set(group, made);
  push(immunization, 'education', made);
  return made;
}
