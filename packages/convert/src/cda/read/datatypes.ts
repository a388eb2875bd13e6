import { parseJson, UCUM } from '@meridian/fhir';
import { uriNamed, uriOf } from '../code-systems.ts';
import { ABSENT_REASON } from '../concept-maps.ts';
import type { XmlElement } from '../xml.ts';
import type { Reading } from './reading.ts';

/** CDA data types (HL7 V3 Data Types R1) as FHIR R4 data types. Each reader marks what it took; absent in, absent out. */

export interface Coding {
  system?: string;
  code?: string;
  display?: string;
}

export interface Concept {
  coding?: Coding[];
  text?: string;
}

export interface Quantity {
  value?: number;
  comparator?: string;
  unit?: string;
  system?: string;
  code?: string;
}

export interface Period {
  start?: string;
  end?: string;
}

export interface Identifier {
  system?: string;
  value: string;
}

type Maybe = XmlElement | undefined;

/** A code as FHIR allows one: no white space at the ends, single spaces within. */
function codeText(value: string | undefined): string | undefined {
  const text = value?.trim().replace(/\s+/g, ' ');
  return text === '' ? undefined : text;
}

export function coding(element: Maybe): Coding | undefined {
  const code = codeText(element?.attributes.code);
  if (!element || code === undefined) return undefined;
  element.read = true;
  const { codeSystem, codeSystemName } = element.attributes;
  const system = uriNamed(codeSystem, codeSystemName) ?? uriOf(codeSystem?.trim() ?? '');
  const display = codeText(element.attributes.displayName);
  return { ...(system && { system }), code, ...(display && { display }) };
}

/** CD, CE, CV, CO with translations and original text, also where that is a reference into the narrative. */
export function concept(element: Maybe, reading: Reading): Concept | undefined {
  if (!element) return undefined;
  const codings = [element, ...element.all('translation')].map(coding).filter((each) => each !== undefined);
  const originalText = element.child('originalText');
  const display = codeText(element.attributes.displayName);
  const said = text(originalText, reading) ?? (codings.length === 0 ? display : undefined);
  if (codings.length === 0 && said === undefined) return undefined;
  element.read = true;
  return { ...(codings.length > 0 && { coding: codings }), ...(said !== undefined && { text: said }) };
}

/** A concept where FHIR demands one: what the source lacks is said to be unknown, with its reason. */
export function requiredConcept(element: Maybe, reading: Reading): Concept & { extension?: unknown[] } {
  return concept(element, reading) ?? { extension: [dataAbsent(element)], text: 'Not stated in the document' };
}

/** The extension data-absent-reason for an element with a nullFlavor or without content. */
export function dataAbsent(element: Maybe): { url: string; valueCode: string } {
  const flavor = element?.attributes.nullFlavor;
  if (element && flavor !== undefined) element.read = true;
  return {
    url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
    valueCode: ABSENT_REASON[flavor ?? 'UNK'] ?? 'unknown',
  };
}

/** ED and ST: text in place or by reference into the narrative, white space folded. */
export function text(element: Maybe, reading: Reading): string | undefined {
  if (!element) return undefined;
  const reference = element.child('reference');
  const own = element.text().replace(/\s+/g, ' ').trim();
  const said = own !== '' ? own : reading.narrativeText(reference?.attributes.value ?? element.attributes.value);
  if (said === undefined) return undefined;
  element.read = true;
  if (reference) reference.read = true;
  return said;
}

const TIMESTAMP =
  /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,9}))?)?)?)?)?)?([+-]\d{2}:?\d{2})?$/;

/**
 * TS as a FHIR dateTime of the same precision. FHIR has no hours without minutes and seconds, which become 00, and no time
 * without a zone: then that of the document is taken, and without one the date alone. Impossible dates are none.
 */
export function dateTime(element: Maybe, reading: Reading): string | undefined {
  const value = timestamp(element?.attributes.value, reading.zone);
  if (element && value !== undefined) element.read = true;
  return value;
}

export function date(element: Maybe, reading: Reading): string | undefined {
  return dateTime(element, reading)?.slice(0, 10);
}

export function timestamp(value: string | undefined, zone: string | undefined): string | undefined {
  const match = TIMESTAMP.exec(value?.trim() ?? '');
  if (!match) return undefined;
  const [, year = '', month, day, hour, minute = '00', second = '00', fraction, offset] = match;
  if (year === '0000' || (month !== undefined && (month < '01' || month > '12'))) return undefined;
  if (month === undefined) return year;
  if (day === undefined) return `${year}-${month}`;
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (day < '01' || Number(day) > days) return undefined;
  const calendar = `${year}-${month}-${day}`;
  const at = offset === undefined ? zone : offset.replace(/^(...):?(..)$/, '$1:$2');
  if (hour === undefined || at === undefined) return calendar;
  if (hour > '23' || minute > '59' || second > '59' || at.slice(1) > '14:00' || at.slice(4) > '59') return undefined;
  return `${calendar}T${hour}:${minute}:${second}${fraction === undefined ? '' : `.${fraction}`}${at}`;
}

/** The zone that a document tells by one of its own times. */
export function zoneOf(value: string | undefined): string | undefined {
  return /[+-]\d{2}:?\d{2}$/.exec(value ?? '')?.[0].replace(/^(...):?(..)$/, '$1:$2');
}

/** IVL_TS: `low` and `high`, or a point in time, as either. */
export function interval(element: Maybe, reading: Reading): { at?: string; period?: Period } {
  if (!element) return {};
  const at = dateTime(element, reading) ?? dateTime(element.child('center'), reading);
  if (at !== undefined) return { at };
  const start = dateTime(element.child('low'), reading);
  const end = dateTime(element.child('high'), reading);
  // FHIR asks that an interval does not end before it begins (per-1); such a pair is left to the original document
  if (start !== undefined && end !== undefined && precedes(end, start)) {
    for (const bound of ['low', 'high']) {
      const place = element.child(bound);
      if (place) place.read = false;
    }
    return {};
  }
  if (start === undefined && end === undefined) return {};
  return { period: { ...(start !== undefined && { start }), ...(end !== undefined && { end }) } };
}

/** Whether one dateTime certainly lies before another, compared at the coarser precision. */
export function precedes(one: string, other: string): boolean {
  if (one.length > 10 && other.length > 10) return Date.parse(one) < Date.parse(other);
  const length = Math.min(one.length, other.length, 10);
  return one.slice(0, length) < other.slice(0, length);
}

/** Elements `…DateTime` and `…Period` of a choice, for FHIR elements such as `effective` and `performed`. */
export function timed(name: string, element: Maybe, reading: Reading): Record<string, unknown> {
  const { at, period } = interval(element, reading);
  if (at !== undefined) return { [`${name}DateTime`]: at };
  return period ? { [`${name}Period`]: period } : {};
}

/** When something began: of an interval its low end. */
export function beginning(element: Maybe, reading: Reading): string | undefined {
  return dateTime(element?.child('low'), reading) ?? dateTime(element, reading);
}

const DECIMAL = /^[+-]?(\d{1,17})?(?:\.(\d{1,17}))?$/;

/** PQ, INT and REAL; the digits stay as they were written. UCUM units have a code, others (messy exports) only a name. */
export function quantity(element: Maybe): Quantity | undefined {
  const value = decimal(element?.attributes.value);
  if (!element || value === undefined) return undefined;
  element.read = true;
  const unit = codeText(element.attributes.unit);
  const found = parseJson(`{"value":${value}}`, { depth: 2 }) as Quantity;
  if (unit === undefined) return found;
  return Object.assign(found, isUcum(unit) ? { unit, system: UCUM, code: unit } : { unit: unit.slice(0, 200) });
}

/** A number as JSON writes it; none where it is no decimal. */
export function decimal(value: string | undefined): string | undefined {
  const written = value?.trim() ?? '';
  const match = DECIMAL.exec(written);
  if (!match || (match[1] === undefined && match[2] === undefined)) return undefined;
  const whole = (match[1] ?? '0').replace(/^0+(?=\d)/, '');
  return `${written.startsWith('-') ? '-' : ''}${whole}${match[2] === undefined ? '' : `.${match[2]}`}`;
}

/** UCUM by form: its terminals, operators and annotations hold no blanks and only ASCII; brackets are balanced. */
function isUcum(unit: string): boolean {
  if (!/^[!-~]{1,50}$/.test(unit) || /^\[(?:arb|iU)?\]$/i.test(unit)) return false;
  return /^(?:[a-zA-Z%*/.0-9'"^+\-()]|\[[^[\]]*\]|\{[^{}]*\}|_|1)+$/.test(unit);
}

/** IVL_PQ as FHIR Range; a bound that is missing stays so. */
export function range(element: Maybe): { low?: Quantity; high?: Quantity } | undefined {
  const low = quantity(element?.child('low'));
  const high = quantity(element?.child('high'));
  if (!low && !high) return undefined;
  return { ...(low && { low: low }), ...(high && { high: high }) };
}

/** II with an extension, or a root that is an identifier of its own. */
export function identifier(element: XmlElement): Identifier | undefined {
  const { root, extension, assigningAuthorityName } = element.attributes;
  const uri = uriNamed(root, assigningAuthorityName) ?? uriOf(root?.trim() ?? '');
  const value = extension?.trim();
  if (value) {
    element.read = true;
    return { ...(uri && { system: uri }), value };
  }
  if (uri === undefined) return undefined;
  element.read = true;
  return { system: 'urn:ietf:rfc:3986', value: uri };
}

export function identifiers(element: Maybe): Identifier[] {
  return (
    element
      ?.all('id')
      .map(identifier)
      .filter((each) => each !== undefined) ?? []
  );
}

/** All of one name read by one reader, the unreadable left out. */
export function each<T>(parent: Maybe, name: string, read: (element: XmlElement) => T | undefined): T[] {
  const found: T[] = [];
  for (const element of parent?.all(name) ?? []) {
    const value = read(element);
    if (value !== undefined) found.push(value);
  }
  return found;
}
