import fc from 'fast-check';

/** One change of a JSON value, at a place chosen by a number so that any example will do. */
export interface Mutation {
  kind: 'drop' | 'duplicate' | 'rename' | 'retype' | 'garble' | 'empty' | 'extend' | 'swap';
  place: number;
  choice: number;
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('drop', 'duplicate', 'rename', 'retype', 'garble', 'empty', 'extend', 'swap'),
  place: fc.nat(100_000),
  choice: fc.nat(1000),
});

type Holder = Record<string, unknown> | unknown[];
type Place = { holder: Holder; key: string };

const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e12,
    '',
    ' ',
    'a',
    'two  spaces',
    'final',
    '2021-02-30',
    '2020',
    '12:00:00',
    '#x',
  ],
  ...[
    'urn:uuid:x',
    'urn:oid:1',
    'Patient/1',
    'Group/1',
    'http://example.org/x',
    'a\u0001b',
    'aGVsbG8=',
    [],
    {},
    [null],
  ],
  ...[{ id: 'x' }, { extension: [{ url: 'http://example.org/x', valueString: 'y' }] }, { reference: 'Nothing/1' }],
  ...[
    { coding: [{ system: 'urn:none', code: 'none' }] },
    { value: 1, code: 'mg' },
    [{ text: 'x' }],
    'en-GB',
    'text/html',
  ],
];

const NAMES = [
  'unknown',
  '_status',
  'valueString',
  'valueBoolean',
  '_valueString',
  'extension',
  'modifierExtension',
  'id',
  'contained',
];

/** A changed copy. Narratives are left alone: their rules have tests of their own. */
export function mutate(resource: unknown, { kind, place, choice }: Mutation): unknown {
  const copy = structuredClone(resource);
  const places: Place[] = [];
  collect(copy, places);
  const chosen = places[place % places.length];
  if (!chosen) return copy;
  const { holder, key } = chosen;
  const value = Reflect.get(holder, key) as unknown;
  const other = VALUES[choice % VALUES.length];
  if (kind === 'drop') remove(holder, key);
  else if (kind === 'retype') set(holder, key, structuredClone(other));
  else if (kind === 'garble') set(holder, key, garbled(value, choice));
  else if (kind === 'empty') set(holder, key, Array.isArray(value) ? [] : typeof value === 'string' ? '' : {});
  else if (kind === 'duplicate') duplicate(holder, key, value);
  else if (kind === 'rename') rename(holder, key, value, choice);
  else if (kind === 'extend') extend(holder, key, value, choice);
  else swap(holder, key, places[choice % places.length]);
  return copy;
}

function collect(value: unknown, places: Place[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    if (key === 'div') continue;
    places.push({ holder: value as Holder, key });
    collect(Reflect.get(value, key), places);
  }
}

function set(holder: Holder, key: string, value: unknown): void {
  Reflect.set(holder, key, value);
}

function remove(holder: Holder, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function duplicate(holder: Holder, key: string, value: unknown): void {
  if (Array.isArray(holder)) holder.push(structuredClone(value));
  else if (Array.isArray(value)) value.push(structuredClone(value[0]));
  else set(holder, key, [value, structuredClone(value)]);
}

function rename(holder: Holder, key: string, value: unknown, choice: number): void {
  if (Array.isArray(holder)) return;
  delete holder[key];
  holder[choice % 3 === 0 ? `${key}s` : choice % 3 === 1 ? `_${key}` : (NAMES[choice % NAMES.length] ?? key)] = value;
}

function extend(holder: Holder, key: string, value: unknown, choice: number): void {
  const extension = [{ url: 'http://example.org/x', valueString: 'y' }];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) Reflect.set(value, 'extension', extension);
  else if (!Array.isArray(holder)) holder[`_${key}`] = choice % 2 === 0 ? { extension } : [{ extension }];
}

function swap(holder: Holder, key: string, other: Place | undefined): void {
  if (!other) return;
  set(holder, key, structuredClone(Reflect.get(other.holder, other.key)));
}

function garbled(value: unknown, choice: number): unknown {
  if (typeof value === 'string') {
    const at = choice % (value.length + 1);
    return value.slice(0, at) + ['x', ' ', '-', '9', '\u0002', '/', '#'][choice % 7] + value.slice(at + (choice % 2));
  }
  if (typeof value === 'number') return -value - 0.5;
  if (typeof value === 'boolean') return String(value);
  return value;
}
