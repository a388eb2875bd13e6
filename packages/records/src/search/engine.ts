import type { SearchQuery } from '@meridian/fhir';
import type { Pool, PoolClient } from 'pg';
import type { Cursors } from '../cursor.ts';
import { StoreError } from '../errors.ts';
import { EVENT_KIND } from '../events/event.ts';
import type { Ids } from '../ids.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Database, run, sqlState } from '../sql/run.ts';
import type { Context, SearchPage } from '../store.ts';
import { type OpenedVersion, openRows, type StoredRow } from '../stored-row.ts';
import type { KeyedHash } from '../tokens/keyed-hash.ts';
import type { TokenNames } from '../tokens/token-names.ts';
import type { Views } from '../views.ts';
import { checked, isChecked } from './check.ts';
import type { Includes } from './include.ts';
import { resolveInexactChains } from './resolve-chains.ts';
import { afterPlace, sortInMemory, writePlace } from './sort.ts';
import { anyStatement, type BoundStatement, countStatement, pageStatement } from './statement.ts';

/** Page size where the caller names none, and the largest. */
export const DEFAULT_PAGE = 20;
export const LARGEST_PAGE = 1000;
/** Most matches that are put in order in memory. */
const LARGEST_SORT = 2000;

export interface SearchEngineParts {
  pool: Pool;
  keys: KeyRing;
  ids: Ids;
  names: TokenNames;
  hash: KeyedHash;
  cursors: Cursors;
  views: Views;
  includes: Includes;
  baseUrl: string;
}

type FoundRow = StoredRow & { date_low: bigint };

/** One page of matches, and where the next one goes on. */
interface Found {
  matches: OpenedVersion[];
  next?: string;
}

/** Searches, carried out in one round trip where the order allows it. */
export class SearchEngine {
  readonly #parts: SearchEngineParts;

  constructor(parts: SearchEngineParts) {
    this.#parts = parts;
  }

  /** The page, with what it includes; every hit is on record as seen before the promise resolves. */
  async search(asked: SearchQuery, context: Context): Promise<SearchPage> {
    const query = await this.#exact(this.#parts.pool, asked);
    if (query.summary === 'count' || query.count === 0) {
      return { matches: [], included: [], total: await this.#count(query) };
    }
    const [found, total] = await Promise.all([
      this.#page(query),
      query.total === 'none' ? undefined : this.#count(query),
    ]);
    const included = await this.#parts.includes.of(query, found.matches);
    await this.#parts.views.record(EVENT_KIND.searched, [...found.matches, ...included], context);
    return {
      matches: found.matches.map((match) => match.stored),
      included: included.map((match) => match.stored),
      ...(total !== undefined && { total }),
      ...(found.next !== undefined && { next: found.next }),
    };
  }

  /** Up to two matches, for conditions: nobody sees them, so no view is recorded. */
  async few(database: Database, asked: SearchQuery): Promise<OpenedVersion[]> {
    const query = await this.#exact(database, asked);
    if (isChecked(query)) return (await this.#all(database, query)).slice(0, 2);
    return this.#open(database, anyStatement(this.#parts, query, 2));
  }

  /** Makes conditional creates with the same condition wait for each other until the transaction ends. */
  async lock(client: PoolClient, query: SearchQuery): Promise<void> {
    const condition = JSON.stringify([query.types, [...query.applied].sort()]);
    await client.query('SELECT pg_advisory_xact_lock($1)', [this.#parts.hash.mac(condition).readBigInt64BE(0)]);
  }

  async #page(query: SearchQuery): Promise<Found> {
    const compartment = query.filters.find((filter) => filter.kind === 'compartment');
    const applied = query.applied.filter(([name]) => name !== '_count');
    const about = JSON.stringify([query.types, compartment?.owner, compartment?.id, applied]);
    const limit = Math.min(query.count ?? DEFAULT_PAGE, LARGEST_PAGE);
    const cursor = query.cursor === undefined ? undefined : this.#parts.cursors.open(about, query.cursor);
    const made = pageStatement(this.#parts, query, limit + 1, cursor);
    if (!made) return this.#sortedPage(query, about, limit, cursor);
    const rows = await this.#run(this.#parts.pool, made.bound);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const matches = checked(query, await openRows(this.#parts.keys, shown), this.#parts.baseUrl);
    if (rows.length <= limit || !last) return { matches };
    return { matches, next: this.#parts.cursors.seal(about, [last[made.order.column], last.rid]) };
  }

  /** Names, codes and ids are sealed, so only the opened records can be put in their order. */
  async #sortedPage(
    query: SearchQuery,
    about: string,
    limit: number,
    cursor: readonly string[] | undefined,
  ): Promise<Found> {
    const sorted = sortInMemory(query.sort, await this.#all(this.#parts.pool, query), this.#parts.baseUrl);
    const left = cursor ? afterPlace(query.sort, sorted, cursor) : sorted;
    const shown = left.slice(0, limit);
    const last = shown.at(-1);
    const matches = shown.map(({ record }) => record);
    if (left.length <= limit || !last) return { matches };
    return { matches, next: this.#parts.cursors.seal(about, writePlace(last)) };
  }

  /** All matches, of which there may not be more than are held in memory. */
  async #all(database: Database, query: SearchQuery): Promise<OpenedVersion[]> {
    const all = await this.#open(database, anyStatement(this.#parts, query, LARGEST_SORT + 1));
    if (all.length <= LARGEST_SORT) return checked(query, all, this.#parts.baseUrl);
    throw new StoreError(
      'too-costly',
      400,
      `Matches must be looked at one by one here, and there are more than ${LARGEST_SORT}. Narrow the search, or sort by date or _lastUpdated.`,
    );
  }

  /** The same search with what the index cannot follow exactly (`subject.name:contains=…`) looked up beforehand. */
  #exact(database: Database, query: SearchQuery): Promise<SearchQuery> {
    return resolveInexactChains(query, this.#parts.baseUrl, (inner) => this.#all(database, inner));
  }

  async #count(query: SearchQuery): Promise<number> {
    if (isChecked(query)) {
      const all = await this.#open(this.#parts.pool, anyStatement(this.#parts, query, LARGEST_SORT + 1));
      if (all.length <= LARGEST_SORT) return checked(query, all, this.#parts.baseUrl).length;
    }
    const [row] = await this.#run<{ count: bigint }>(this.#parts.pool, countStatement(this.#parts, query));
    return Number(row?.count ?? 0n);
  }

  async #open(database: Database, bound: BoundStatement): Promise<OpenedVersion[]> {
    return openRows(this.#parts.keys, await this.#run(database, bound));
  }

  async #run<Row = FoundRow>(database: Database, bound: BoundStatement): Promise<Row[]> {
    try {
      return await run<Row>(database, bound.statement, bound.values);
    } catch (error) {
      // query_canceled: the statement timeout struck
      if (sqlState(error) !== '57014') throw error;
      throw new StoreError(
        'too-costly',
        503,
        'The search takes too long. Narrow it: name a patient, a code, a date range or an identifier.',
      );
    }
  }
}
