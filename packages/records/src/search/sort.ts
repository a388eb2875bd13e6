import { extract, type IndexValue, normalizeString, type Resource, type SortKey } from '@meridian/fhir';
import type { OpenedVersion } from '../stored-row.ts';

/** One comparable value of a record, or undefined where it has none. */
type SortValue = string | number | undefined;

/** A record with the values that place it, one for each key. */
export interface Placed {
  record: OpenedVersion;
  values: readonly SortValue[];
}

/** Where a page ended: the place of its last record. */
interface Place {
  values: readonly SortValue[];
  rid: bigint;
}

/**
 * Puts opened records in the order of `_sort`. Where a parameter has several values the smallest counts when ascending
 * and the largest when descending; records without a value come last (FHIR R4, Search §3.1.1.5.2 leaves this open).
 * Strings compare without regard to case, accents and width.
 */
export function sortInMemory(keys: readonly SortKey[], records: readonly OpenedVersion[], baseUrl: string): Placed[] {
  const placed = records.map((record) => ({ record, values: valuesOf(keys, record, baseUrl) }));
  return placed.sort((a, b) => comparePlaces(keys, placeOf(a), placeOf(b)));
}

/** Those that come after the place at which a page ended, whatever was written since. */
export function afterPlace(keys: readonly SortKey[], sorted: readonly Placed[], cursor: readonly string[]): Placed[] {
  const [rid = '0', ...values] = cursor;
  const end: Place = { rid: BigInt(rid), values: values.map(readValue) };
  return sorted.filter((one) => comparePlaces(keys, placeOf(one), end) > 0);
}

/** A place as the strings of a cursor. */
export function writePlace({ record, values }: Placed): string[] {
  return [String(record.rid), ...values.map(writeValue)];
}

function writeValue(value: SortValue): string {
  if (value === undefined) return '';
  return typeof value === 'number' ? `n${value}` : `s${value}`;
}

function readValue(text: string): SortValue {
  if (text === '') return undefined;
  return text.startsWith('n') ? Number(text.slice(1)) : text.slice(1);
}

function placeOf({ record, values }: Placed): Place {
  return { values, rid: record.rid };
}

function comparePlaces(keys: readonly SortKey[], a: Place, b: Place): number {
  for (const [i, key] of keys.entries()) {
    const order = compare(a.values[i], b.values[i], key.descending);
    if (order !== 0) return order;
  }
  return a.rid === b.rid ? 0 : a.rid < b.rid ? -1 : 1;
}

function valuesOf(keys: readonly SortKey[], record: OpenedVersion, baseUrl: string): SortValue[] {
  const { stored } = record;
  const resource = JSON.parse(stored.json?.toString() ?? '{}') as Resource;
  const indexed = stored.json ? extract(resource, { baseUrl }) : [];
  return keys.map((key) => {
    if (key.by !== 'parameter') return key.by === '_id' ? stored.id : stored.lastUpdated;
    const { index } = key.parameter;
    const own = indexed.filter((value) => index.includes(value.key));
    const values = own.map((value) => comparable(value, key.descending)).filter((value) => value !== undefined);
    return values.reduce<SortValue>(
      (best, value) => (best === undefined || compare(value, best, key.descending) < 0 ? value : best),
      undefined,
    );
  });
}

function comparable(value: IndexValue, descending: boolean): SortValue {
  switch (value.kind) {
    case 'token':
      return value.code ?? value.text?.[0];
    case 'string':
      return normalizeString(value.value);
    case 'reference':
      return value.type ? `${value.type}/${value.id}` : value.url;
    case 'uri':
      return value.value;
    case 'number':
      return value.value;
    case 'quantity':
      return value.canonical?.value ?? value.value;
    case 'date':
      return descending ? value.high : value.low;
    case 'composite':
      return undefined;
  }
}

function compare(a: SortValue, b: SortValue, descending: boolean): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  const order = a < b ? -1 : 1;
  return descending ? -order : order;
}
