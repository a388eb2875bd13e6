import { uuidFrom } from '../cda/code-systems.ts';
import type { CsvField } from './csv-mapping.ts';

/** A cell as FHIR value, or a sentence for a person who looks at the file; it does not repeat the cell. */
export type CellResult = { value: unknown } | { problem: string };

/** The id of the resource that a row becomes: it follows from where the rows come from, the type and the key. */
export function idOf(source: string, resourceType: string, key: readonly string[]): string {
  return uuidFrom(JSON.stringify([source, resourceType, ...key]));
}

export function readCell(text: string, field: CsvField, source: string): CellResult {
  if (field.codes) {
    const code = Object.hasOwn(field.codes, text) ? field.codes[text] : undefined;
    return code === undefined
      ? { problem: 'The code is not in the mapping. Add it, or correct the cell.' }
      : { value: code };
  }
  switch (field.type) {
    case 'string':
      return { value: text };
    case 'code':
      return { value: text.replace(/\s+/g, ' ') };
    case 'integer':
      return /^-?\d{1,9}$/.test(text) ? { value: Number(text) } : { problem: 'This is no whole number.' };
    case 'decimal':
      return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)
        ? { value: written(text) }
        : { problem: 'This is no decimal number.' };
    case 'boolean':
      return booleanCell(text);
    case 'reference':
      return { value: { reference: `${field.to}/${idOf(source, field.to ?? '', [text])}` } };
    case 'date':
    case 'dateTime':
      return timeCell(text, field);
  }
}

/** A number that JSON.stringify writes with these digits (ECMAScript proposal "JSON.parse source text access", in Node 24). */
function written(text: string): unknown {
  return (JSON as unknown as { rawJSON(json: string): unknown }).rawJSON(text.replace(/^(-?)0+(?=\d)/, '$1'));
}

function booleanCell(text: string): CellResult {
  const word = text.toLowerCase();
  if (word === 'true' || word === '1' || word === 'yes') return { value: true };
  if (word === 'false' || word === '0' || word === 'no') return { value: false };
  return { problem: 'This is neither true nor false.' };
}

const ISO =
  /^(?<yyyy>\d{4})(?:-(?<MM>\d{2})(?:-(?<dd>\d{2})(?:[T ](?<HH>\d{2}):(?<mm>\d{2})(?::(?<ss>\d{2})(?:\.\d+)?)?(?<zone>Z|[+-]\d{2}:\d{2})?)?)?)?$/;

const TOKENS: Readonly<Record<string, string>> = {
  yyyy: '(?<yyyy>\\d{4})',
  MM: '(?<MM>\\d{2})',
  M: '(?<MM>\\d{1,2})',
  dd: '(?<dd>\\d{2})',
  d: '(?<dd>\\d{1,2})',
  HH: '(?<HH>\\d{2})',
  H: '(?<HH>\\d{1,2})',
  mm: '(?<mm>\\d{2})',
  ss: '(?<ss>\\d{2})',
};

/** A format as a pattern: letters that are no token stand for themselves; each token once. */
function patternOf(format: string): RegExp | undefined {
  const source = format.replace(
    /yyyy|MM|M|dd|d|HH|H|mm|ss|[^A-Za-z0-9]|./g,
    (piece) => TOKENS[piece] ?? piece.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&'),
  );
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return undefined;
  }
}

function timeCell(text: string, field: CsvField): CellResult {
  const pattern = field.format === undefined ? ISO : patternOf(field.format);
  if (!pattern) return { problem: 'The format of the mapping names a part of the date twice.' };
  const parts = pattern.exec(text)?.groups;
  if (!parts?.yyyy) return { problem: 'The date is not of the format that the mapping says.' };
  const { yyyy, MM, dd, HH, mm = '00', ss = '00', zone = field.zone } = parts;
  if (MM === undefined) return { value: yyyy };
  const month = MM.padStart(2, '0');
  if (month < '01' || month > '12') return { problem: 'There is no such date.' };
  if (dd === undefined) return { value: `${yyyy}-${month}` };
  const day = dd.padStart(2, '0');
  const last = new Date(Date.UTC(Number(yyyy), Number(month), 0)).getUTCDate();
  if (day < '01' || Number(day) > last) return { problem: 'There is no such date.' };
  const date = `${yyyy}-${month}-${day}`;
  if (field.type === 'date' || HH === undefined) return { value: date };
  const hour = HH.padStart(2, '0');
  if (hour > '23' || mm > '59' || ss > '59') return { problem: 'There is no such time.' };
  if (zone === undefined) return { problem: 'The time has no zone. Name one in the mapping.' };
  return { value: `${date}T${hour}:${mm}:${ss}${zone}` };
}
