import type { Bundle, FhirResource } from 'fhir/r4';
import type { Ask, Http } from './http.ts';

/** Values of search parameters; a list repeats the parameter, which FHIR reads as "and". */
export type Search = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface Page<T extends FhirResource = FhirResource> {
  resources: T[];
  /** Pass to `page`; undefined: this was the last. */
  next: string | undefined;
  total: number | undefined;
}

/** A version as it is stored, beside its bytes: what a proof is about. */
export interface StoredVersion<T extends FhirResource = FhirResource> {
  resource: T;
  bytes: Uint8Array<ArrayBuffer>;
}

/** The FHIR API of the own server, typed by R4. */
export class FhirClient {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  read<T extends FhirResource>(type: T['resourceType'], id: string, ask: Ask = {}): Promise<T> {
    return this.#http.json(`/fhir/${type}/${encodeURIComponent(id)}`, ask);
  }

  /** A version with the bytes that it is stored in; without `version` the current one. */
  async stored<T extends FhirResource>(
    type: string,
    id: string,
    version?: string,
    signal?: AbortSignal,
  ): Promise<StoredVersion<T>> {
    const path = `/fhir/${type}/${encodeURIComponent(id)}${version === undefined ? '' : `/_history/${version}`}`;
    const answer = await this.#http.send(path, signal ? { signal } : {});
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return { resource: JSON.parse(new TextDecoder().decode(bytes)) as T, bytes };
  }

  search<T extends FhirResource>(type: T['resourceType'], search: Search, ask: Ask = {}): Promise<Page<T>> {
    return this.page<T>(`/fhir/${type}?${queryOf(search)}`, ask);
  }

  history<T extends FhirResource>(type: string, id: string, ask: Ask = {}): Promise<Page<T>> {
    return this.page<T>(`/fhir/${type}/${encodeURIComponent(id)}/_history?_count=100`, ask);
  }

  /** One page of any Bundle: of a search, of `$everything`, or the `next` of a page. */
  async page<T extends FhirResource>(path: string, ask: Ask = {}): Promise<Page<T>> {
    const bundle = await this.#http.json<Bundle>(path, ask);
    const next = bundle.link?.find(({ relation }) => relation === 'next')?.url;
    return {
      resources: (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource as T] : [])),
      next: next === undefined ? undefined : pathOf(next),
      total: bundle.total,
    };
  }

  create<T extends FhirResource>(resource: T, ask: Ask = {}): Promise<T> {
    const headers = { prefer: 'return=representation', ...ask.headers };
    return this.#http.json(`/fhir/${resource.resourceType}`, { ...ask, method: 'POST', json: resource, headers });
  }

  /** @param version the version that was read: 412 when somebody else was faster */
  update<T extends FhirResource & { id?: string }>(resource: T, version: string, ask: Ask = {}): Promise<T> {
    const headers = { prefer: 'return=representation', 'if-match': `W/"${version}"`, ...ask.headers };
    const path = `/fhir/${resource.resourceType}/${encodeURIComponent(resource.id ?? '')}`;
    return this.#http.json(path, { ...ask, method: 'PUT', json: resource, headers });
  }

  /** `$operation` with GET, or with POST where there are Parameters. */
  operation<T>(path: string, parameters?: unknown, ask: Ask = {}): Promise<T> {
    return this.#http.json(`/fhir/${path}`, {
      ...ask,
      ...(parameters !== undefined && { method: 'POST', json: parameters }),
    });
  }
}

/** A query string without what is undefined. */
export function queryOf(search: Search): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  return query.toString();
}

/** Links in Bundles name the server's configured origin, which need not be how this browser reaches it. */
export function pathOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { pathname, search } = new URL(url);
  return pathname.startsWith('/fhir') ? `${pathname}${search}` : undefined;
}
