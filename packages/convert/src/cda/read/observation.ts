import { RESULT_STATUS } from '../concept-maps.ts';
import type { XmlElement } from '../xml.ts';
import {
  authoredOn,
  concepts,
  identifierPart,
  isNegated,
  markStructure,
  notes,
  people,
  related,
  statements,
  statusIn,
} from './common.ts';
import {
  concept,
  dataAbsent,
  dateTime,
  decimal,
  interval,
  quantity,
  range,
  requiredConcept,
  text,
  timed,
} from './datatypes.ts';
import type { Reading, Reference } from './reading.ts';

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';

export type ObservationKind =
  | 'laboratory'
  | 'vital-signs'
  | 'social-history'
  | 'survey'
  | 'exam'
  | 'procedure'
  | 'imaging';

/** What one observation may add to the record beside the observation itself. */
export interface ObservationSetting {
  kind: ObservationKind | undefined;
  /** The interval of the organizer, where an observation states none of its own. */
  effective?: XmlElement | undefined;
}

/** An observation of results, vital signs, social history, functional and mental status (C-CDA R2.1, 3.92, 3.106, 3.99). */
export function readObservation(element: XmlElement, setting: ObservationSetting, reading: Reading): Reference {
  const own = element.child('effectiveTime');
  const effective = own && Object.keys(interval(own, reading)).length > 0 ? own : setting.effective;
  const specimen = element.at('specimen', 'specimenRole', 'specimenPlayingEntity', 'code');
  const value = element.child('value');
  const valuePart = isNegated(element) ? { dataAbsentReason: negated() } : readValue(value, reading);
  const parts = related(element, '22.4.86'); // supporting observations of an assessment scale
  const sample = concept(specimen, reading);
  return reading.add({
    resourceType: 'Observation',
    ...identifierPart(element),
    status: statusIn(RESULT_STATUS, element, 'final'),
    category: setting.kind && [{ coding: [{ system: CATEGORY, code: setting.kind }] }],
    code: requiredConcept(element.child('code'), reading),
    subject: reading.patient,
    ...timed('effective', effective, reading),
    performer: [...people(element, 'performer', reading), ...people(element, 'author', reading)],
    ...valuePart,
    interpretation: concepts(element, 'interpretationCode', reading),
    method: concept(element.child('methodCode'), reading),
    bodySite: concept(element.child('targetSiteCode'), reading),
    specimen: sample && { display: sample.text ?? sample.coding?.[0]?.display ?? sample.coding?.[0]?.code },
    referenceRange: element.all('referenceRange').map((one) => referenceRange(one, reading)),
    note: notes(element, reading),
    component: parts.map((part) => component(part, reading)),
  });
}

/** A negated observation was looked for and not found, or not done: no value of it may stand as if it were so. */
function negated(): unknown {
  return {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'not-performed' }],
    text: 'Negated in the document',
  };
}

function component(part: XmlElement, reading: Reading): unknown {
  markStructure(part);
  return { code: requiredConcept(part.child('code'), reading), ...readValue(part.child('value'), reading) };
}

/** `value[x]` by the `xsi:type` of the value, or its absence with the reason. */
export function readValue(value: XmlElement | undefined, reading: Reading): Record<string, unknown> {
  if (!value) return {};
  const found = typedValue(value, reading);
  if (found) {
    value.read = true;
    return found;
  }
  if (value.attributes.nullFlavor === undefined) return {};
  const { valueCode } = dataAbsent(value);
  const said = text(value.child('originalText'), reading) ?? text(value, reading);
  if (said !== undefined) return { valueString: said };
  const system = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
  return { dataAbsentReason: { coding: [{ system, code: valueCode }] } };
}

function typedValue(value: XmlElement, reading: Reading): Record<string, unknown> | undefined {
  const type = value.attributes['xsi:type']?.replace(/^.*:/, '');
  const written = value.attributes.value;
  if (type === 'PQ' || type === 'REAL' || (type === undefined && written !== undefined)) {
    const found = quantity(value) ?? translated(value);
    return found ? { valueQuantity: found } : undefined;
  }
  if (type === 'INT') {
    const number = decimal(written);
    return number !== undefined && /^-?\d{1,9}$/.test(number) ? { valueInteger: Number(number) } : undefined;
  }
  if (type === 'BL')
    return written === 'true' || written === 'false' ? { valueBoolean: written === 'true' } : undefined;
  if (type === 'TS') return timeValue(dateTime(value, reading));
  if (type === 'IVL_TS') {
    const { at, period } = interval(value, reading);
    return period ? { valuePeriod: period } : timeValue(at);
  }
  if (type === 'IVL_PQ' || type === 'IVL_INT') return rangeValue(value);
  if (type === 'RTO' || type?.startsWith('RTO_')) return ratioValue(value);
  if (type === 'ST' || type === 'ED') return stringValue(text(value, reading));
  const coded = concept(value, reading);
  return coded ? { valueCodeableConcept: coded } : stringValue(text(value, reading));
}

function stringValue(said: string | undefined): Record<string, unknown> | undefined {
  return said === undefined ? undefined : { valueString: said };
}

function timeValue(at: string | undefined): Record<string, unknown> | undefined {
  return at === undefined ? undefined : { valueDateTime: at };
}

/** A quantity that only a translation can state, with the unit as it was written locally. */
function translated(value: XmlElement): unknown {
  for (const one of value.all('translation')) {
    const found = quantity(one);
    if (!found) continue;
    const unit = one.child('originalText')?.text().trim();
    return unit ? Object.assign(found, { unit: found.unit ?? unit }) : found;
  }
  return undefined;
}

/** One-sided intervals are quantities with a comparator; FHIR Range is for two bounds. */
function rangeValue(value: XmlElement): Record<string, unknown> | undefined {
  const found = range(value);
  if (found?.low && found.high) return { valueRange: found };
  const bound = found?.low ?? found?.high;
  if (!found || !bound) return undefined;
  const side = value.child(found.low ? 'low' : 'high');
  const open = side?.attributes.inclusive === 'false';
  return { valueQuantity: Object.assign(bound, { comparator: found.low ? (open ? '>' : '>=') : open ? '<' : '<=' }) };
}

function ratioValue(value: XmlElement): Record<string, unknown> | undefined {
  const numerator = quantity(value.child('numerator'));
  const denominator = quantity(value.child('denominator'));
  return numerator && denominator ? { valueRatio: { numerator, denominator } } : undefined;
}

function referenceRange(element: XmlElement, reading: Reading): unknown {
  const observationRange = element.child('observationRange');
  const value = observationRange?.child('value');
  const { low, high } = range(value) ?? {};
  const said =
    text(observationRange?.child('text'), reading) ?? (low || high ? undefined : value && text(value, reading));
  const code = concept(observationRange?.child('interpretationCode'), reading);
  return low || high || said !== undefined ? { low, high, text: said, type: code } : undefined;
}

/** A panel: of results a DiagnosticReport, else an Observation that has the others as members. */
export function readOrganizer(element: XmlElement, kind: ObservationKind, reading: Reading): Reference[] {
  const effective = element.child('effectiveTime') ?? undefined;
  const members: Reference[] = [];
  for (const statement of statements(element)) {
    if (statement.name === 'observation') members.push(readObservation(statement, { kind, effective }, reading));
    else if (statement.name === 'organizer') members.push(...readOrganizer(statement, kind, reading));
  }
  const common = {
    ...identifierPart(element),
    subject: reading.patient,
    ...timed('effective', effective, reading),
  };
  if (kind === 'laboratory') {
    const specimen = concept(element.at('specimen', 'specimenRole', 'specimenPlayingEntity', 'code'), reading);
    const report = reading.add({
      resourceType: 'DiagnosticReport',
      ...common,
      status: statusIn({ ...RESULT_STATUS, active: 'partial' }, element, 'final'),
      category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB' }] }],
      code: requiredConcept(element.child('code'), reading),
      issued: instant(authoredOn(element, reading)),
      performer: [...people(element, 'performer', reading), ...people(element, 'author', reading)],
      specimen: specimen && [{ display: specimen.text ?? specimen.coding?.[0]?.display }],
      result: members,
    });
    return [report, ...members];
  }
  if (members.length === 0) return members;
  const panel = reading.add({
    resourceType: 'Observation',
    ...common,
    status: statusIn(RESULT_STATUS, element, 'final'),
    category: [{ coding: [{ system: CATEGORY, code: kind }] }],
    code: requiredConcept(element.child('code'), reading),
    performer: people(element, 'author', reading),
    hasMember: members,
  });
  return [panel, ...members];
}

/** FHIR instants are dateTimes with a time. */
export function instant(at: string | undefined): string | undefined {
  return at !== undefined && at.length > 10 ? at : undefined;
}
