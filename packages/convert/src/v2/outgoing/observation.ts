import { type Resource, stringifyJson } from '@meridian/fhir';
import type { Json } from '../mapping/rules.ts';
import type { Field } from '../message.ts';
import { components, type OutgoingSegment } from '../write.ts';
import { codedField, systemName } from './datatypes.ts';

const DATE_TIME =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(\.\d{1,4})?\d*(?:(Z)|([+-]\d{2}):(\d{2})))?)?)?$/;

/** date, dateTime or instant → DTM of the same precision; empty for what is none. */
export function dateText(value: unknown): string {
  const match = typeof value === 'string' ? DATE_TIME.exec(value) : null;
  if (!match) return '';
  const [, year, month, day, hour, minute, second, fraction, utc, hours, minutes] = match;
  const offset = utc === 'Z' ? '+0000' : `${hours ?? ''}${minutes ?? ''}`;
  return [year, month, day, hour, minute, second, fraction, offset].filter((part) => part !== undefined).join('');
}

/** observation-status → table 0085. */
const STATUSES: Readonly<Record<string, string>> = {
  registered: 'I',
  preliminary: 'P',
  final: 'F',
  amended: 'A',
  corrected: 'C',
  cancelled: 'X',
  'entered-in-error': 'W',
};

interface Value {
  type: string;
  field: Field;
  units: Field;
}

const NO_VALUE: Value = { type: '', field: [], units: [] };

/** An Observation as OBX, its notes as NTE, and the elements that are in them. */
export function observationFields(
  observation: Resource,
  number: number,
): { segment: OutgoingSegment; notes: OutgoingSegment[]; carried: ReadonlySet<string> } {
  const carried = new Set([
    'code',
    'status',
    'effectiveDateTime',
    'referenceRange',
    'interpretation',
    'note',
    'subject',
  ]);
  const name = Object.keys(observation).find((element) => element.startsWith('value'));
  const value = name === undefined ? undefined : valueOfType(name, observation[name]);
  if (name !== undefined && value) carried.add(name);
  const { type, field, units } = value ?? NO_VALUE;
  const fields: Field[] = Array.from({ length: 14 }, (): Field => []);
  fields[0] = components(String(number));
  fields[1] = components(type);
  fields[2] = codedField(observation.code);
  fields[4] = field;
  fields[5] = units;
  fields[6] = components(rangeText((observation.referenceRange as Json[] | undefined)?.[0]));
  fields[7] = ((observation.interpretation as Json[] | undefined) ?? []).flatMap(codedField);
  fields[10] = components(STATUSES[String(observation.status)] ?? 'F');
  fields[13] = components(dateText(observation.effectiveDateTime));
  const notes = ((observation.note as Json[] | undefined) ?? []).map((note, at) => ({
    name: 'NTE',
    fields: [components(String(at + 1)), [], components(String(note.text ?? ''))],
  }));
  return { segment: { name: 'OBX', fields }, notes, carried };
}

function valueOfType(name: string, value: unknown): Value | undefined {
  const plain = (type: string, text: string): Value => ({ type, field: components(text), units: [] });
  switch (name) {
    case 'valueQuantity':
      return quantity(value as Json);
    case 'valueString':
      return plain('TX', String(value));
    case 'valueCodeableConcept':
      return { type: 'CWE', field: codedField(value), units: [] };
    case 'valueDateTime':
      return plain('DTM', dateText(value));
    case 'valueTime':
      return plain('TM', String(value).replaceAll(':', ''));
    case 'valueBoolean':
      return plain('TX', value === true ? 'true' : 'false');
    case 'valueInteger':
      return plain('NM', String(value));
    default:
      return undefined;
  }
}

function quantity(value: Json): Value {
  const number = written(value);
  const comparator = typeof value.comparator === 'string' ? value.comparator : '';
  const code = String(value.code ?? value.unit ?? '');
  const isCoded = value.code !== undefined;
  const units = components(code, isCoded ? String(value.unit ?? '') : '', isCoded ? systemName(value.system) : '');
  if (comparator === '') return { type: 'NM', field: components(number), units };
  return { type: 'SN', field: components(comparator, number), units };
}

/** A decimal with the precision it was written with. */
function written(holder: Json): string {
  return /"value":(-?[\d.eE+-]+)/.exec(stringifyJson(holder))?.[1] ?? '';
}

function rangeText(range: Json | undefined): string {
  if (!range) return '';
  if (typeof range.text === 'string') return range.text;
  const [low, high] = [range.low as Json | undefined, range.high as Json | undefined];
  if (low && high) return `${written(low)}-${written(high)}`;
  return low ? `>=${written(low)}` : high ? `<=${written(high)}` : '';
}
