import type { Cell, SegmentCells } from './cell.ts';
import { concept } from './concepts.ts';
import { dateTime, period, time } from './dates.ts';
import { comparedNumber, decimal, type Quantity, unitsOf, withUnits } from './quantities.ts';
import { append, type Json } from './rules.ts';
import type { Source } from './source.ts';

/** FHIR Attachment. */
export interface Attachment {
  contentType?: string;
  url?: string;
  data?: string;
  title?: string;
}

const TEXTS: ReadonlySet<string> = new Set(['ST', 'TX', 'FT', '']);
const CODED: ReadonlySet<string> = new Set(['CE', 'CWE', 'CNE', 'CF', 'IS', 'ID']);

/**
 * OBX-5 as `value[x]` by OBX-2 (OBX[Observation] of HL7's guide). Lines of text are one value; several values of another
 * kind become components with the observation's own code. What does not fit its declared type is kept as text.
 */
export function putValue(observation: Json, segment: SegmentCells, source: Source): void {
  const type = segment.text(2).toUpperCase();
  const cells = segment.field(5);
  if (cells.length === 0) return;
  if (TEXTS.has(type)) {
    const value = cells.map((cell) => wholeText(cell)).join('\n');
    if (value.trim() !== '') observation.valueString = value;
    return;
  }
  if (type === 'ED' || type === 'RP') {
    for (const cell of cells) addAttachment(observation, attachment(type, cell));
    return;
  }
  const units = unitsOf(segment.first(6), source);
  const values = cells.map((cell) => readValue(type, cell, units, source)).filter((value) => value !== undefined);
  const [first] = values;
  if (values.length === 1 && first) Object.assign(observation, first);
  else if (values.length > 1) observation.component = values.map((value) => ({ code: observation.code, ...value }));
}

/** R4 has no value of type Attachment; R5 has, and its extension stands for it (OBX[Observation], OBX-5). */
function addAttachment(observation: Json, value: Attachment | undefined): void {
  const url = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.value';
  append(observation, 'extension', value && { url, valueAttachment: value });
}

function readValue(type: string, cell: Cell, units: Partial<Quantity>, source: Source): Json | undefined {
  if (type === 'NM') {
    const quantity = comparedNumber(cell.peek(1));
    if (quantity) {
      cell.take(1);
      return { valueQuantity: withUnits(quantity, units) };
    }
  } else if (type === 'SN') {
    const value = structuredNumeric(cell, units);
    if (value) return value;
  } else if (CODED.has(type)) {
    const value = concept()(cell, source);
    return value && { valueCodeableConcept: value };
  } else if (type === 'DT' || type === 'DTM' || type === 'TS') {
    const value = dateTime(cell, source);
    if (value !== undefined) return { valueDateTime: value };
  } else if (type === 'TM') {
    const value = time(cell);
    if (value !== undefined) return { valueTime: value };
  } else if (type === 'DR') {
    const value = period(cell, source);
    if (value) return { valuePeriod: value };
  } else if (type === 'NR') {
    const value = rangeOf(cell, 1, 2, units);
    if (value) return { valueRange: value };
  }
  const text = wholeText(cell);
  return text.trim() === '' ? undefined : { valueString: text };
}

/** SN: comparator, number, separator or suffix, number (§2A.2.70). */
function structuredNumeric(cell: Cell, units: Partial<Quantity>): Json | undefined {
  const comparator = cell.peek(1);
  const separator = cell.peek(3);
  const low = decimal(cell.peek(2));
  const high = decimal(cell.peek(4));
  if (!low || comparator === '<>') return undefined;
  if (separator === '' && !high) {
    if (!['', '=', '<', '>', '<=', '>='].includes(comparator)) return undefined;
    cell.takeAll();
    if (comparator !== '' && comparator !== '=') low.comparator = comparator;
    return { valueQuantity: withUnits(low, units) };
  }
  if (!high || comparator !== '') return undefined;
  if (separator === '-') {
    const valueRange = rangeOf(cell, 2, 4, units);
    if (valueRange) cell.takeAll();
    return valueRange && { valueRange };
  }
  if (separator !== ':' && separator !== '/') return undefined;
  cell.takeAll();
  return { valueRatio: { numerator: withUnits(low, units), denominator: high } };
}

function rangeOf(cell: Cell, from: number, to: number, units: Partial<Quantity>): Json | undefined {
  const low = decimal(cell.peek(from));
  const high = decimal(cell.peek(to));
  if ((!low && !high) || (low?.value ?? -Infinity) > (high?.value ?? Infinity)) return undefined;
  if (low) cell.take(from);
  if (high) cell.take(to);
  return { ...(low && { low: withUnits(low, units) }), ...(high && { high: withUnits(high, units) }) };
}

/** All components of a cell as one text. */
function wholeText(cell: Cell): string {
  const parts: string[] = [];
  for (let component = 1; component <= cell.length; component++) parts.push(cell.text(component));
  return parts.join(' ').trimEnd();
}

/** OBX-7 as it was written, and as numbers where it is `low-high`, `<high` or `>low`. */
export function referenceRange(segment: SegmentCells, source: Source): Json | undefined {
  const text = segment.text(7);
  if (text === '') return undefined;
  const units = unitsOf(segment.first(6), source);
  const [, low = '', high = ''] = /^\s*(-?[\d.]+)\s*-\s*(-?[\d.]+)\s*$/.exec(text) ?? [];
  const [from, to] = [decimal(low), decimal(high)];
  if (from && to && (from.value ?? 0) <= (to.value ?? 0)) {
    return { low: withUnits(from, units), high: withUnits(to, units), text };
  }
  return { text };
}

/**
 * ED (source, type, subtype, encoding, data) or RP (pointer, application, type, subtype) → Attachment; undefined where
 * the data is not what it says.
 */
export function attachment(type: string, cell: Cell): Attachment | undefined {
  if (type === 'RP') {
    const url = cell.text(1);
    const contentType = mediaType(cell.text(3), cell.text(4));
    return url === '' ? undefined : { ...(contentType && { contentType }), url: url.replaceAll(/\s/g, '%20') };
  }
  const encoding = cell.peek(4).toUpperCase();
  const sent = cell.peek(5);
  const data = encoding === 'BASE64' ? base64(sent) : sent === '' ? undefined : hexOrText(encoding, sent);
  if (data === undefined) return undefined;
  cell.takeAll();
  return { contentType: mediaType(cell.text(2), cell.text(3)) ?? 'application/octet-stream', data };
}

function base64(sent: string): string | undefined {
  const bare = sent.replaceAll(/\s+/g, '');
  if (bare === '' || bare.length % 4 !== 0) return undefined;
  return /^[A-Za-z0-9+/]*={0,2}$/.test(bare) ? bare : undefined;
}

function hexOrText(encoding: string, sent: string): string {
  const isHex = encoding === 'HEX' && /^(?:[0-9A-Fa-f]{2})+$/.test(sent);
  return Buffer.from(sent, isHex ? 'hex' : 'utf8').toString('base64');
}

/** Tables 0191 and 0291 as senders use them: `application` and `pdf`, `AP` and `PDF`, or `PDF` alone. */
function mediaType(type: string, subtype: string): string | undefined {
  const [major, minor] = [type.toLowerCase(), subtype.toLowerCase()];
  if (/^[a-z]+\/[a-z0-9.+-]+$/.test(major)) return major;
  if (minor === 'pdf' || major === 'pdf') return 'application/pdf';
  if (minor === 'jpeg' || minor === 'png' || minor === 'tiff' || minor === 'gif') return `image/${minor}`;
  if (minor === 'html' || minor === 'rtf' || minor === 'xml') return `text/${minor}`;
  if (major === 'text' || major === 'tx' || major === 'ft') return 'text/plain';
  if (/^[a-z]+$/.test(major) && /^[a-z0-9.+-]+$/.test(minor)) return `${major}/${minor}`;
  return undefined;
}
