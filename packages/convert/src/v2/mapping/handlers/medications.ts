import type { Assembly, Draft } from '../assembly.ts';
import type { SegmentCells } from '../cell.ts';
import { concept } from '../concepts.ts';
import { dateTimeOf, periodOf } from '../dates.ts';
import { ORC_MEDICATION, ORC_NUMBERS, RXD_DISPENSE, RXE_REQUEST, RXO_REQUEST, RXR_ROUTE } from '../order-map.ts';
import { decimal, type Quantity, unitsOf, withUnits } from '../quantities.ts';
import { applyRules, type Json, listAt, type Rules } from '../rules.ts';
import { numberOf, orderStatus } from './orders.ts';
import { vaccine, vaccineRoute } from './vaccines.ts';
import { addEncounter } from './visits.ts';

/** Messages that place or change orders for drugs. */
const OWNS_DRUGS: ReadonlySet<string> = new Set(['OMP', 'RDE', 'ORM']);

/** RXO: the drug as it was ordered. */
export function rxo(segment: SegmentCells, assembly: Assembly): void {
  prescription(segment, RXO_REQUEST, { dose: [2, 3, 4], amount: [11, 12] }, assembly);
}

/** RXE: the drug as the pharmacy encoded the order; after RXO it says the same order more exactly. */
export function rxe(segment: SegmentCells, assembly: Assembly): void {
  prescription(segment, RXE_REQUEST, { dose: [3, 4, 5], amount: [10, 11] }, assembly);
}

/** Numbers of the fields that hold the dose (least, most, units) and the amount to dispense (number, units). */
interface Amounts {
  dose: readonly [number, number, number];
  amount: readonly [number, number];
}

function prescription(segment: SegmentCells, rules: Rules, fields: Amounts, assembly: Assembly): void {
  const { source } = assembly;
  const draft = assembly.medication ?? startPrescription(segment, assembly);
  if (!draft) return;
  const { resource } = draft;
  applyRules(resource, rules, segment, source);
  resource.medicationCodeableConcept ??= { text: 'unknown' };
  const dosage = dosageOf(resource);
  const dose = doseOf(segment, fields.dose, assembly);
  if (dose && dosage.doseAndRate === undefined) dosage.doseAndRate = [dose];
  const amount = amountOf(segment, fields.amount, assembly);
  if (amount) {
    resource.dispenseRequest = { ...(resource.dispenseRequest as Json | undefined), quantity: amount };
  }
  if (Object.keys(dosage).length === 0) delete resource.dosageInstruction;
  assembly.medication = draft;
  assembly.annotated = draft;
}

function startPrescription(segment: SegmentCells, assembly: Assembly): Draft | undefined {
  const { orc, source, facts } = assembly;
  assembly.orc = undefined;
  const write = OWNS_DRUGS.has(facts.type) ? 'update' : 'create';
  const draft = assembly.startOfPatient('MedicationRequest', write, 'subject', [segment.peek(1), segment.peek(2)]);
  if (!draft) return undefined;
  const { resource } = draft;
  if (orc) applyRules(resource, ORC_MEDICATION, orc, source);
  const status = orderStatus(orc);
  resource.status = status === 'revoked' ? 'cancelled' : status;
  resource.intent = 'order';
  draft.match = numberOf(resource);
  addEncounter(draft, assembly);
  return draft;
}

/** The first dosage, made where there is none. */
function dosageOf(resource: Json): Json {
  const dosages = listAt(resource, 'dosageInstruction');
  if (dosages.length === 0) dosages.push({});
  return dosages[0] as Json;
}

function doseOf(segment: SegmentCells, [least, most, unit]: Amounts['dose'], { source }: Assembly): Json | undefined {
  const low = decimal(segment.peek(least));
  const high = decimal(segment.peek(most));
  if (!low) return undefined;
  const units = unitsOf(segment.first(unit), source);
  segment.text(least);
  if (!high || high.value === low.value) return { doseQuantity: withUnits(low, units) };
  if ((low.value ?? 0) > (high.value ?? 0)) return { doseQuantity: withUnits(low, units) };
  segment.text(most);
  return { doseRange: { low: withUnits(low, units), high: withUnits(high, units) } };
}

function amountOf(
  segment: SegmentCells,
  [amount, unit]: Amounts['amount'],
  { source }: Assembly,
): Quantity | undefined {
  const quantity = decimal(segment.peek(amount));
  if (!quantity) return undefined;
  segment.text(amount);
  return withUnits(quantity, unitsOf(segment.first(unit), source));
}

/** RXR: route and site of the drug or vaccine before it. */
export function rxr(segment: SegmentCells, assembly: Assembly): void {
  if (assembly.immunization) {
    vaccineRoute(segment, assembly);
    return;
  }
  const { medication, source } = assembly;
  if (!medication) return;
  const dosage = dosageOf(medication.resource);
  applyRules(dosage, RXR_ROUTE, segment, source);
  const method = segment.first(4);
  const value = method && concept('AdministrationMethod')(method, source);
  if (value) dosage.method ??= value;
  if (Object.keys(dosage).length === 0) delete medication.resource.dosageInstruction;
}

/** RXD: a drug that was handed out. */
export function rxd(segment: SegmentCells, assembly: Assembly): void {
  const { source, medication, orc } = assembly;
  const key = [segment.peek(2), segment.peek(3), segment.peek(7)];
  const draft = assembly.startOfPatient('MedicationDispense', 'update', 'subject', key);
  if (!draft) return;
  const { resource } = draft;
  if (orc) applyRules(resource, ORC_NUMBERS, orc, source);
  applyRules(resource, RXD_DISPENSE, segment, source);
  resource.status = 'completed';
  resource.medicationCodeableConcept ??= { text: 'unknown' };
  const amount = amountOf(segment, [4, 5], assembly);
  if (amount) resource.quantity = amount;
  if (medication?.resource.resourceType === 'MedicationRequest') {
    resource.authorizingPrescription = [assembly.to(medication)];
  }
  if (assembly.encounter) resource.context = assembly.to(assembly.encounter);
  assembly.annotated = draft;
}

const DATA_ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** RXA: a vaccine (VXU) or any other drug that was given. */
export function rxa(segment: SegmentCells, assembly: Assembly): void {
  if (assembly.facts.type === 'VXU') {
    vaccine(segment, assembly);
    return;
  }
  const { source, medication, orc } = assembly;
  const key = [segment.peek(5), segment.peek(3), segment.peek(15)];
  const draft = assembly.startOfPatient('MedicationAdministration', 'update', 'subject', key);
  if (!draft) return;
  const { resource } = draft;
  if (orc) applyRules(resource, ORC_NUMBERS, orc, source);
  assembly.orc = undefined;
  const given = segment.first(5);
  resource.medicationCodeableConcept = (given && concept()(given, source)) ?? { text: 'unknown' };
  resource.status = segment.text(20) === 'RE' || segment.peek(20) === 'NA' ? 'not-done' : 'completed';
  const period = periodOf(dateTimeOf(segment.text(3), source), dateTimeOf(segment.text(4), source));
  if (period?.end === undefined && period?.start !== undefined) resource.effectiveDateTime = period.start;
  else if (period) resource.effectivePeriod = period;
  // FHIR asks for a time (MedicationAdministration.effective[x] 1..1)
  else resource._effectiveDateTime = { extension: [{ url: DATA_ABSENT, valueCode: 'unknown' }] };
  const dose = amountOf(segment, [6, 7], assembly);
  if (dose) resource.dosage = { dose };
  if (medication) resource.request = assembly.to(medication);
  if (assembly.encounter) resource.context = assembly.to(assembly.encounter);
}
