import { parseSearch, type SearchQuery } from '@meridian/fhir';
import type { SearchPage, StoredVersion } from '@meridian/records';
import { outcomeBytes, refusal } from '../http/http-error.ts';
import { mediaType } from '../http/media.ts';
import { formatQuery, type Parameters, parseQuery } from '../http/query-string.ts';
import { BundleWriter } from './bundle-writer.ts';
import { textOf } from './incoming.ts';
import { type Projection, projectionOf, projectVersion } from './projection.ts';
import { type Answer, type FhirRequest, header } from './request.ts';
import type { Services } from './services.ts';

/** Page sizes: what a caller gets without `_count`, and the most it can get. */
export const DEFAULT_COUNT = 20;
export const MOST_COUNT = 1000;

/** What is searched: one type, several, or all; inside a compartment or not. */
export interface SearchScope {
  types: string[] | undefined;
  compartment?: { owner: string; id: string };
  /** Below the base, for the self link. */
  path: string;
}

/** A search by GET (FHIR R4, RESTful API §3.1.0.9). */
export async function search(scope: SearchScope, request: FhirRequest, services: Services): Promise<Answer> {
  return searchBy(scope, request.parameters, request, services);
}

/** A search by `POST …/_search`: parameters in the URL and in the form count together. */
export async function searchByPost(scope: SearchScope, request: FhirRequest, services: Services): Promise<Answer> {
  const { body } = request;
  if (body.kind !== 'bytes' || body.bytes.length === 0) return search(scope, request, services);
  if (mediaType(header(request, 'content-type')) !== 'application/x-www-form-urlencoded') {
    const sentence = 'A search by POST takes its parameters as Content-Type: application/x-www-form-urlencoded.';
    throw refusal(415, 'not-supported', sentence);
  }
  return searchBy(scope, [...request.parameters, ...parseQuery(textOf(body.bytes))], request, services);
}

/** The query that parameters mean here. Throws SearchError for what cannot be searched. */
export function queryOf(
  types: string[] | undefined,
  parameters: Parameters,
  handling: 'strict' | 'lenient',
  services: Services,
  compartment?: { owner: string; id: string },
): SearchQuery {
  return parseSearch(types, parameters, {
    handling,
    baseUrl: services.baseUrl,
    expandValueSet: (url) => codesOf(url, services),
    now: services.now(),
    ...(compartment && { compartment }),
  });
}

/** The codes of a value set for `:in`; undefined where it is not loaded, which the search then says. */
function codesOf(url: string, services: Services): { system: string; code: string }[] | undefined {
  if (!services.terminology.valueSet(url)) return undefined;
  const codes: { system: string; code: string }[] = [];
  for (const [system, found] of services.terminology.valueSetCodes(url)) {
    for (const code of found.keys()) codes.push({ system, code });
  }
  return codes;
}

async function searchBy(
  scope: SearchScope,
  parameters: Parameters,
  request: FhirRequest,
  services: Services,
): Promise<Answer> {
  const parsed = queryOf(scope.types, parameters, request.preferences.handling, services, scope.compartment);
  const query = { ...parsed, count: Math.min(parsed.count ?? DEFAULT_COUNT, MOST_COUNT) };
  const page = await services.store.search(query, request.context);
  const projection = projectionOf(
    query.summary,
    query.elements.length > 0 ? [['_elements', query.elements.join(',')]] : [],
  );
  return { status: 200, body: searchset(query, page, projection, scope.path, services) };
}

const MATCH = '"search":{"mode":"match"}';
const INCLUDE = '"search":{"mode":"include"}';
const OUTCOME = '"search":{"mode":"outcome"}';

function searchset(
  query: SearchQuery,
  page: SearchPage,
  projection: Projection | undefined,
  path: string,
  services: Services,
): Buffer {
  const bundle = new BundleWriter({
    resourceType: 'Bundle',
    type: 'searchset',
    ...(page.total !== undefined && { total: page.total }),
    link: linksOf(query.applied, page.next, `${services.baseUrl}/${path}`),
  });
  const add = (stored: StoredVersion, mode: string): void => {
    const bytes = projection ? projectVersion(stored, projection) : stored.json;
    bundle.add(`"fullUrl":"${services.baseUrl}/${stored.type}/${stored.id}"`, bytes, mode);
  };
  for (const stored of page.matches) add(stored, MATCH);
  for (const stored of page.included) add(stored, INCLUDE);
  if (query.warnings.length > 0) bundle.add('', outcomeBytes(query.warnings), OUTCOME);
  return bundle.end();
}

/** The name of the parameter that carries the store's opaque cursor in `next` links. */
export const CURSOR = '_cursor';

/** `self` and, where there is more, `next`. */
export function linksOf(
  parameters: Parameters,
  next: string | undefined,
  url: string,
): { relation: string; url: string }[] {
  const link = (relation: string, all: Parameters) => ({
    relation,
    url: all.length > 0 ? `${url}?${formatQuery(all)}` : url,
  });
  const links = [link('self', parameters)];
  if (next !== undefined) {
    const others = parameters.filter(([name]) => name !== CURSOR);
    links.push(link('next', [...others, [CURSOR, next]]));
  }
  return links;
}
