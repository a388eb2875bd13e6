import { IMMUNIZATION_STATUS, MEDICATION_STATUS } from '../concept-maps.ts';
import type { XmlElement } from '../xml.ts';
import {
  authoredOn,
  concepts,
  identifierPart,
  isNegated,
  markStructure,
  notes,
  people,
  reasons,
  related,
  statements,
  statusIn,
  statusOf,
} from './common.ts';
import {
  concept,
  date,
  dateTime,
  decimal,
  type Quantity,
  quantity,
  range,
  requiredConcept,
  text,
} from './datatypes.ts';
import { organization } from './people.ts';
import type { Reading, Reference } from './reading.ts';

/** A medication activity: what was taken is a statement, what is ordered or planned a request (C-CDA R2.1, 3.58; C-CDA on FHIR, "Medications"). */
export function readMedication(element: XmlElement, reading: Reading): Reference[] {
  const isPlan = element.attributes.moodCode !== 'EVN';
  const drug = drugOf(element, reading);
  const dosage = dosageOf(element, reading);
  const period = periodOf(element, reading);
  const status = MEDICATION_STATUS[statusOf(element) ?? ''];
  const supplies = statements(element).filter(({ name }) => name === 'supply');
  const common = {
    ...identifierPart(element),
    medicationCodeableConcept: drug,
    subject: reading.patient,
    reasonCode: reasons(element, reading),
    note: notes(element, reading),
  };
  const authored = authoredOn(element, reading);
  const authors = people(element, 'author', reading);
  const performers = people(element, 'performer', reading);
  const [main] = [
    isPlan
      ? reading.add({
          resourceType: 'MedicationRequest',
          ...common,
          status: status ?? 'unknown',
          intent: element.attributes.moodCode === 'INT' || element.attributes.moodCode === 'PRP' ? 'plan' : 'order',
          doNotPerform: isNegated(element) ? true : undefined,
          authoredOn: authored,
          requester: authors[0],
          performer: performers[0],
          dosageInstruction: [dosage && withBounds(dosage, period)],
          dispenseRequest: dispenseRequest(supplies, reading),
        })
      : reading.add({
          resourceType: 'MedicationStatement',
          ...common,
          status: isNegated(element) ? 'not-taken' : (status ?? 'unknown'),
          effectivePeriod: typeof period === 'string' ? undefined : period,
          effectiveDateTime: typeof period === 'string' ? period : undefined,
          dateAsserted: authored,
          informationSource: authors[0],
          dosage: [dosage],
        }),
  ];
  const dispenses = supplies
    .filter((supply) => supply.attributes.moodCode === 'EVN')
    .map((supply) => readDispense(supply, drug, reading));
  return main ? [main, ...dispenses] : dispenses;
}

function drugOf(element: XmlElement, reading: Reading): unknown {
  const product = element.at('consumable', 'manufacturedProduct') ?? element.at('product', 'manufacturedProduct');
  if (product) for (const id of product.all('id')) id.read = true;
  const material = product?.child('manufacturedMaterial') ?? product?.child('manufacturedLabeledDrug');
  const coded = concept(material?.child('code'), reading);
  const name = text(material?.child('name'), reading);
  if (coded) return { ...coded, text: coded.text ?? name };
  return name === undefined ? requiredConcept(material?.child('code'), reading) : { text: name };
}

/** The `effectiveTime` that is an interval: when the drug is taken, as a period or a single time. */
function periodOf(element: XmlElement, reading: Reading): { start?: string; end?: string } | string | undefined {
  for (const time of element.all('effectiveTime')) {
    if (isFrequency(time)) continue;
    const start = dateTime(time.child('low'), reading);
    const end = dateTime(time.child('high'), reading);
    if (start !== undefined || end !== undefined) {
      if (start !== undefined && end !== undefined && end.slice(0, 10) < start.slice(0, 10)) return { start };
      return { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
    }
    const at = dateTime(time, reading);
    if (at !== undefined) return at;
  }
  return undefined;
}

function isFrequency(time: XmlElement): boolean {
  return /(?:PIVL_TS|EIVL_TS|SXPR_TS)$/.test(time.attributes['xsi:type'] ?? '') || time.child('period') !== undefined;
}

interface Dosage {
  timing?: { repeat?: Record<string, unknown> };
  [element: string]: unknown;
}

function dosageOf(element: XmlElement, reading: Reading): Dosage | undefined {
  const instruction = related(element, '22.4.20', '22.4.147')[0];
  const sig = text(instruction?.child('text'), reading);
  if (instruction && sig !== undefined) markStructure(instruction);
  const precondition = element.at('precondition', 'criterion');
  const asNeeded =
    concept(precondition?.child('value'), reading) ??
    (precondition && named(text(precondition.child('text'), reading)));
  const dose = doseOf(element.child('doseQuantity'));
  const rate = doseOf(element.child('rateQuantity'));
  const timing = timingOf(element);
  const maximum = element.child('maxDoseQuantity');
  const [numerator, denominator] = [quantity(maximum?.child('numerator')), quantity(maximum?.child('denominator'))];
  const dosage: Dosage = {
    text: sig,
    ...(timing && { timing: { repeat: timing } }),
    asNeededBoolean: precondition && !asNeeded ? true : undefined,
    asNeededCodeableConcept: asNeeded,
    site: concepts(element, 'approachSiteCode', reading)[0],
    route: concept(element.child('routeCode'), reading),
    doseAndRate: [
      { doseQuantity: dose?.quantity, doseRange: dose?.range, rateQuantity: rate?.quantity, rateRange: rate?.range },
    ],
    maxDosePerPeriod: numerator && denominator ? { numerator, denominator } : undefined,
  };
  return dosage;
}

function named(name: string | undefined): { text: string } | undefined {
  return name === undefined ? undefined : { text: name };
}

function doseOf(element: XmlElement | undefined): { quantity?: Quantity; range?: unknown } | undefined {
  const single = quantity(element) ?? quantity(element?.child('center'));
  if (single) return { quantity: single };
  const between = range(element);
  return between && { range: between };
}

/** PIVL_TS as period, EIVL_TS as event code (both code systems are one: v3 TimingEvent). */
function timingOf(element: XmlElement): Record<string, unknown> | undefined {
  for (const time of element.all('effectiveTime')) {
    const event = time.child('event');
    if (event?.attributes.code && WHEN.has(event.attributes.code)) {
      event.read = true;
      return { when: [event.attributes.code] };
    }
    const period = time.child('period');
    const width = period && (quantity(period) ?? quantity(period.child('low')));
    if (!period || width?.value === undefined || !UNITS_OF_TIME.has(width.unit ?? '') || !(width.value > 0)) continue;
    const most = quantity(period.child('high'));
    const isUpTo = most?.value !== undefined && most.unit === width.unit;
    time.read = true;
    return { frequency: 1, period: width.value, periodMax: isUpTo ? most.value : undefined, periodUnit: width.unit };
  }
  return undefined;
}

const UNITS_OF_TIME = new Set(['s', 'min', 'h', 'd', 'wk', 'mo', 'a']);
const WHEN = new Set(['HS', 'WAKE', 'C', 'CM', 'CD', 'CV', 'AC', 'ACM', 'ACD', 'ACV', 'PC', 'PCM', 'PCD', 'PCV']);

/** In a request the period stands in the timing. */
function withBounds(dosage: Dosage, period: { start?: string; end?: string } | string | undefined): Dosage {
  if (period === undefined) return dosage;
  const boundsPeriod = typeof period === 'string' ? { start: period } : period;
  return { ...dosage, timing: { repeat: { boundsPeriod, ...dosage.timing?.repeat } } };
}

function dispenseRequest(supplies: readonly XmlElement[], reading: Reading): unknown {
  const order = supplies.find((supply) => supply.attributes.moodCode !== 'EVN');
  if (!order) return undefined;
  markStructure(order);
  const repeats = decimal(order.child('repeatNumber')?.attributes.value);
  const repeat = order.child('repeatNumber');
  // repeatNumber counts all fills, numberOfRepeatsAllowed those after the first
  const refills = repeats !== undefined && /^[1-9]\d{0,2}$/.test(repeats) ? Number(repeats) - 1 : undefined;
  if (repeat && refills !== undefined) repeat.read = true;
  const end = dateTime(order.child('effectiveTime')?.child('high'), reading);
  return {
    numberOfRepeatsAllowed: refills,
    quantity: quantity(order.child('quantity')),
    validityPeriod: end && { end },
  };
}

function readDispense(supply: XmlElement, drug: unknown, reading: Reading): Reference {
  const own = supply.child('product') ? drugOf(supply, reading) : drug;
  const at =
    dateTime(supply.child('effectiveTime'), reading) ?? dateTime(supply.child('effectiveTime')?.child('low'), reading);
  const performers = people(supply, 'performer', reading);
  return reading.add({
    resourceType: 'MedicationDispense',
    ...identifierPart(supply),
    status: statusIn({ completed: 'completed', aborted: 'stopped', active: 'in-progress' }, supply, 'unknown'),
    medicationCodeableConcept: own,
    subject: reading.patient,
    performer: performers.map((actor) => ({ actor })),
    quantity: quantity(supply.child('quantity')),
    whenHandedOver: at,
  });
}

/** An immunization activity (C-CDA R2.1, 3.42; C-CDA on FHIR, "Immunizations"). */
export function readImmunization(element: XmlElement, reading: Reading): Reference {
  const product = element.at('consumable', 'manufacturedProduct');
  const material = product?.child('manufacturedMaterial');
  const refusal = related(element, '22.4.53')[0];
  const refused = concept(refusal?.child('code'), reading);
  const time = element.child('effectiveTime');
  const at =
    dateTime(time, reading) ?? dateTime(time?.child('low'), reading) ?? dateTime(time?.child('center'), reading);
  const status = isNegated(element) ? 'not-done' : statusIn(IMMUNIZATION_STATUS, element, 'completed');
  const site = concepts(element, 'approachSiteCode', reading)[0];
  const dose = quantity(element.child('doseQuantity'));
  return reading.add({
    resourceType: 'Immunization',
    ...identifierPart(element),
    status,
    statusReason: status === 'not-done' ? refused : undefined,
    vaccineCode: drugOf(element, reading),
    patient: reading.patient,
    occurrenceDateTime: at,
    occurrenceString: at === undefined ? 'Not stated in the document' : undefined,
    primarySource: related(element, '22.4.64').length > 0 || element.child('informant') ? undefined : true,
    lotNumber: text(material?.child('lotNumberText'), reading),
    expirationDate: date(material?.child('expirationTime'), reading),
    manufacturer: organization(product?.child('manufacturerOrganization'), reading),
    site,
    route: concept(element.child('routeCode'), reading),
    doseQuantity: dose,
    performer: people(element, 'performer', reading).map((actor) => ({ actor })),
    reasonCode: reasons(element, reading),
    note: notes(element, reading),
    protocolApplied: doseNumber(element),
  });
}

/** `repeatNumber` is the number in a series (R1.1, and kept by R2.1 beside the substance administered act). */
function doseNumber(element: XmlElement): unknown[] {
  const repeat = element.child('repeatNumber');
  const number = decimal(repeat?.attributes.value);
  if (!repeat || number === undefined || !/^[1-9]\d{0,2}$/.test(number)) return [];
  repeat.read = true;
  return [{ doseNumberPositiveInt: Number(number) }];
}
