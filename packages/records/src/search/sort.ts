import { extract, type IndexValue, normalizeString, type Resource, type SortKey } from '@meridian/fhir';
import type { OpenedVersion } from '../stored-row.ts';

/** One comparable value of a record, or undefined where it has none. */
type SortValue = string | number | undefined;

/**
 * Puts opened records in the order of `_sort`. Where a parameter has several values the smallest counts when ascending
 * and the largest when descending; records without a value come last (FHIR R4, Search §3.1.1.5.2 leaves this open).
 * Strings compare without regard to case, accents and width.
 */
export function sortInMemory(keys: readonly SortKey[], records: readonly OpenedVersion[]): OpenedVersion[] {
  const sortable = records.map((record) => ({ record, values: valuesOf(keys, record) }));
  sortable.sort((a, b) => {
    for (const [i, key] of keys.entries()) {
      const order = compare(a.values[i], b.values[i], key.descending);
      if (order !== 0) return order;
    }
    return a.record.rid < b.record.rid ? -1 : 1;
  });
  return sortable.map(({ record }) => record);
}

function valuesOf(keys: readonly SortKey[], record: OpenedVersion): SortValue[] {
  const { stored } = record;
  const resource = JSON.parse(stored.json?.toString() ?? '{}') as Resource;
  const indexed = stored.json ? extract(resource) : [];
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
