import { forEachReference, parseReference, parseSearch, type Resource, SearchError } from '@meridian/fhir';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import type { SearchEngine } from '../search/engine.ts';
import { ALL_SIGHT } from '../search/sight.ts';

/** Resolves references such as `Practitioner?identifier=system|value` (FHIR R4, RESTful API §3.1.0.11.2). */
export class References {
  readonly #pool: Pool;
  readonly #search: SearchEngine;
  readonly #baseUrl: string;
  /** Only what was found is remembered: what is missing now may be imported next. */
  readonly #known = new LRUCache<string, string>({ max: 50_000 });

  constructor(pool: Pool, search: SearchEngine, baseUrl: string) {
    this.#pool = pool;
    this.#search = search;
    this.#baseUrl = baseUrl;
  }

  /** Looks up all conditional references of the resources; the function answers from what was found. */
  async resolver(resources: readonly Resource[]): Promise<(reference: string) => string | undefined> {
    const wanted = new Set<string>();
    for (const resource of resources) {
      forEachReference(resource, (reference) => {
        if (parseReference(reference).kind === 'conditional') wanted.add(reference);
      });
    }
    const found = new Map<string, string>();
    for (const reference of wanted) {
      const target = this.#known.get(reference) ?? (await this.#lookUp(reference));
      if (target === undefined) continue;
      this.#known.set(reference, target);
      found.set(reference, target);
    }
    return (reference) => found.get(reference);
  }

  async #lookUp(reference: string): Promise<string | undefined> {
    const parsed = parseReference(reference);
    if (parsed.kind !== 'conditional') return undefined;
    try {
      const query = parseSearch([parsed.type], [...new URLSearchParams(parsed.query)], {
        handling: 'strict',
        baseUrl: this.#baseUrl,
      });
      const [match, second] = await this.#search.few(this.#pool, query, ALL_SIGHT);
      return match && !second ? `${match.stored.type}/${match.stored.id}` : undefined;
    } catch (error) {
      if (error instanceof SearchError) return undefined;
      throw error;
    }
  }
}
