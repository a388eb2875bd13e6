import {
  type ChainFilter,
  extract,
  type Filter,
  type HasFilter,
  type Resource,
  type SearchParameter,
  type SearchQuery,
} from '@meridian/fhir';
import { StoreError } from '../errors.ts';
import type { OpenedVersion } from '../stored-row.ts';
import { isInexact } from './exactness.ts';

/** Carries out a search without order or page and gives all that it finds. */
type FindAll = (query: SearchQuery) => Promise<OpenedVersion[]>;

/**
 * A search whose chains and `_has` can be followed inside the database. Where what they ask of the other resources can
 * only be checked on opened records (`subject.name:contains=…`), those are searched first and put in by name.
 */
export async function resolveInexactChains(query: SearchQuery, baseUrl: string, find: FindAll): Promise<SearchQuery> {
  if (!query.filters.some((filter) => filter.kind !== 'value' && isInexact(filter))) return query;
  const filters = await Promise.all(query.filters.map((filter) => resolve(filter, query.types, baseUrl, find)));
  return { ...query, filters };
}

async function resolve(filter: Filter, types: readonly string[], baseUrl: string, find: FindAll): Promise<Filter> {
  if (filter.kind === 'value' || !isInexact(filter)) return filter;
  if (filter.kind === 'chain') return resolveChain(filter, baseUrl, find);
  return filter.kind === 'has' ? resolveHas(filter, types, baseUrl, find) : filter;
}

/** References to the targets that were found, by name. */
async function resolveChain(filter: ChainFilter, baseUrl: string, find: FindAll): Promise<Filter> {
  const { parameter } = filter;
  const found = await Promise.all(
    filter.targets.map(async (type, i) => {
      const next = filter.next[i];
      return next ? find(only(type, await resolve(next, [type], baseUrl, find))) : [];
    }),
  );
  const values = found
    .flat()
    .map(({ stored }) => ({ kind: 'reference' as const, types: [stored.type], id: stored.id }));
  return values.length === 0 ? { kind: 'never' } : { kind: 'value', parameter, negated: false, values };
}

/** The ids to which the resources that were found point. */
async function resolveHas(
  filter: HasFilter,
  types: readonly string[],
  baseUrl: string,
  find: FindAll,
): Promise<Filter> {
  const [type, another] = types;
  if (type === undefined || another !== undefined) {
    throw new StoreError('too-costly', 400, 'This use of _has works for one resource type at a time; name it.');
  }
  const found = await find(only(filter.type, await resolve(filter.next, [filter.type], baseUrl, find)));
  const ids = new Set(found.flatMap((version) => targetsIn(version, filter.parameter, type, baseUrl)));
  return ids.size === 0 ? { kind: 'never' } : { kind: 'id', ids: [...ids], negated: false };
}

function targetsIn({ stored }: OpenedVersion, parameter: SearchParameter, type: string, baseUrl: string): string[] {
  const resource = JSON.parse(stored.json?.toString() ?? 'null') as Resource;
  return extract(resource, { baseUrl }).flatMap((value) =>
    value.kind === 'reference' && parameter.index.includes(value.key) && value.type === type ? (value.id ?? []) : [],
  );
}

function only(type: string, filter: Filter): SearchQuery {
  return {
    types: [type],
    filters: [filter],
    sort: [],
    include: [],
    revinclude: [],
    total: 'none',
    summary: 'false',
    elements: [],
    applied: [],
    warnings: [],
  };
}
