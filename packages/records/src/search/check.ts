import { type Filter, matches, type Resource, type SearchQuery } from '@meridian/fhir';
import type { OpenedVersion } from '../stored-row.ts';
import { needsCheck } from './exactness.ts';

function doubtful(query: SearchQuery): Filter[] {
  return query.filters.filter((filter) => filter.kind === 'value' && needsCheck(filter));
}

/** Whether the index can only narrow this search down (see exactness.ts). */
export function isChecked(query: SearchQuery): boolean {
  return doubtful(query).length > 0;
}

/** Leaves out what passed by the index alone but does not match when one looks at the record. */
export function checked(query: SearchQuery, found: OpenedVersion[], baseUrl: string): OpenedVersion[] {
  const filters = doubtful(query);
  if (filters.length === 0) return found;
  return found.filter(
    ({ stored }) => stored.json && matches(filters, JSON.parse(stored.json.toString()) as Resource, { baseUrl }),
  );
}
