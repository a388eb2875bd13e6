import type { Cell } from './cell.ts';
import { codeFrom } from './code-tables.ts';
import { dateTimeOf, periodOf } from './dates.ts';
import type { Source } from './source.ts';

interface HumanName {
  use?: string;
  text?: string;
  family?: string;
  given?: string[];
  prefix?: string[];
  suffix?: string[];
  period?: { start?: string; end?: string };
}

const present = (texts: readonly string[]): string[] => texts.filter((text) => text !== '');

/** A list where there is something to list. */
function list<Key extends string>(key: Key, texts: readonly string[]): Partial<Record<Key, string[]>> {
  const some = present(texts);
  return some.length > 0 ? ({ [key]: some } as Record<Key, string[]>) : {};
}

function sentPeriod(
  cell: Cell,
  from: number,
  to: number,
  source: Source,
): { period?: { start?: string; end?: string } } {
  const period = periodOf(dateTimeOf(cell.peek(from), source), dateTimeOf(cell.peek(to), source));
  if (period?.start !== undefined) cell.take(from);
  if (period?.end !== undefined) cell.take(to);
  return period ? { period } : {};
}

/**
 * XPN → HumanName. Han names come as family and given like others; their `text` is written without a space between.
 */
export function humanName(cell: Cell, source: Source): HumanName | undefined {
  const family = cell.text(1);
  const given = present([cell.text(2), cell.text(3)]);
  const name: HumanName = {
    ...(family !== '' && { family }),
    ...(given.length > 0 && { given }),
    ...list('prefix', [cell.text(5)]),
    ...list('suffix', [cell.text(4), cell.text(6), cell.text(14)]),
  };
  if (Object.keys(name).length === 0) return undefined;
  const use = codeFrom('NameType', cell.peek(7));
  if (use !== undefined) {
    name.use = use;
    cell.take(7);
  }
  const han = /^\p{Script=Han}+$/u.test(family + given.join(''));
  if (han) name.text = family + given.join('');
  return Object.assign(name, sentPeriod(cell, 12, 13, source));
}

/** XPN → string, such as a mother's maiden name. */
export function nameText(cell: Cell): string | undefined {
  const parts = present([cell.text(5), cell.text(2), cell.text(3), cell.text(1), cell.text(4)]);
  return parts.length > 0 ? parts.join(' ') : undefined;
}

/** XAD → Address. */
export function address(cell: Cell, source: Source): Record<string, unknown> | undefined {
  const street = present([cell.text(1, 1), cell.text(1, 2), cell.text(1, 3)]).join(' ');
  const sent: Record<string, unknown> = {
    ...list('line', [street, cell.text(2), cell.text(19)]),
    ...one('city', cell.text(3)),
    ...one('district', cell.text(9)),
    ...one('state', cell.text(4)),
    ...one('postalCode', cell.text(5)),
    ...one('country', cell.text(6)),
  };
  if (Object.keys(sent).length === 0) return undefined;
  const [use, type] = [codeFrom('AddressType[Use]', cell.peek(7)), codeFrom('AddressType[Type]', cell.peek(7))];
  if (use !== undefined || type !== undefined) cell.take(7);
  return { ...one('use', use ?? ''), ...one('type', type ?? ''), ...sent, ...sentPeriod(cell, 13, 14, source) };
}

function one(key: string, text: string): Record<string, string> {
  return text === '' ? {} : { [key]: text };
}

/** Systems of FHIR ContactPoint by HL7 table 0202; a cellular phone is a phone with the use "mobile". */
const SYSTEMS: Readonly<Record<string, string>> = {
  PH: 'phone',
  CP: 'phone',
  FX: 'fax',
  BP: 'pager',
  Internet: 'email',
  'X.400': 'email',
  MD: 'other',
  SAT: 'other',
  TDD: 'other',
  TTY: 'other',
};

/**
 * XTN → ContactPoint. The number is XTN-12, else XTN-1 of older versions, else country, area, local number and extension.
 *
 * @param fallbackUse where XTN-2 says nothing
 */
export function telecom(fallbackUse = ''): (cell: Cell, source: Source) => Record<string, unknown> | undefined {
  return (cell, source) => {
    const equipment = cell.peek(3);
    const isAddress = equipment === 'Internet' || equipment === 'X.400' || cell.peek(2) === 'NET';
    const email = isAddress || (equipment === '' && cell.peek(4).includes('@')) ? cell.text(4) : '';
    const value = email || cell.text(12) || cell.text(1) || numberFromParts(cell);
    if (value === '') return undefined;
    const system = email !== '' ? 'email' : (SYSTEMS[equipment] ?? 'phone');
    if (equipment !== '' && equipment in SYSTEMS) cell.take(3);
    const told = codeFrom('TelecommunicationUseCode', cell.peek(2));
    if (told !== undefined) cell.take(2);
    const use = equipment === 'CP' ? 'mobile' : (told ?? fallbackUse);
    return { system, value, ...one('use', use), ...sentPeriod(cell, 13, 14, source) };
  };
}

function numberFromParts(cell: Cell): string {
  const local = cell.text(7);
  if (local === '') return '';
  const country = cell.text(5);
  const extension = cell.text(8);
  const number = present([country === '' ? '' : `+${country.replace(/^\+/, '')}`, cell.text(6), local]).join(' ');
  return extension === '' ? number : `${number} x${extension}`;
}
