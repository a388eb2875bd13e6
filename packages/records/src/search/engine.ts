import type { SearchQuery } from '@meridian/fhir';
import type { Pool, PoolClient } from 'pg';
import type { Cursors } from '../cursor.ts';
import { StoreError } from '../errors.ts';
import { EVENT_KIND } from '../events/event.ts';
import { type Ids, NOBODY } from '../ids.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Database, run, sqlState } from '../sql/run.ts';
import type { SearchPage, ViewContext } from '../store.ts';
import { type LabelledRow, type OpenedVersion, openRows } from '../stored-row.ts';
import type { KeyedHash } from '../tokens/keyed-hash.ts';
import type { TokenNames } from '../tokens/token-names.ts';
import type { Views } from '../views.ts';
import type { Judge, SeenVersion } from '../visibility/judge.ts';
import { checked, isChecked } from './check.ts';
import type { Includes, See } from './include.ts';
import { resolveInexactChains } from './resolve-chains.ts';
import { ALL_SIGHT, type Sight, sightOf } from './sight.ts';
import { afterPlace, sortInMemory, writePlace } from './sort.ts';
import { anyStatement, type BoundStatement, countStatement, pageStatement, patientsStatement } from './statement.ts';

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
  judge: Judge;
  baseUrl: string;
}

type FoundRow = LabelledRow & { date_low: bigint };

/** One page of matches, and where the next one goes on. */
interface Found {
  matches: SeenVersion[];
  next?: string;
}

/** Searches, carried out in one round trip where the order allows it. */
export class SearchEngine {
  readonly #parts: SearchEngineParts;

  constructor(parts: SearchEngineParts) {
    this.#parts = parts;
  }

  /** The page, with what it includes; every hit is on record as seen before the promise resolves. */
  async search(query: SearchQuery, context: ViewContext): Promise<SearchPage> {
    const sight = await sightOf(query, context, this.#parts.ids);
    const see = (versions: readonly (OpenedVersion | undefined)[]) => this.#parts.judge.of(versions, context);
    const { found, included, total } = await this.#find(query, sight, see, context);
    await this.#parts.views.record(EVENT_KIND.searched, [...found.matches, ...included], context);
    return pageOf(found, included, total);
  }

  /** The same for the system itself, in all records or one patient's: nobody sees what is found. */
  async unseen(query: SearchQuery, patient: bigint | undefined): Promise<SearchPage> {
    const sight: Sight =
      patient === undefined ? ALL_SIGHT : { ...ALL_SIGHT, found: { kind: 'patients', patients: [patient] } };
    const { found, included, total } = await this.#find(query, sight, (versions) => Promise.resolve([...versions]));
    return pageOf(found, included, total);
  }

  /** Numbers of the patients in whose records there are matches. */
  async patients(asked: SearchQuery, limit: number): Promise<bigint[]> {
    const query = await this.#exact(this.#parts.pool, asked, ALL_SIGHT);
    if (!isChecked(query)) {
      const rows = await this.#run<{ patient: bigint }>(this.#parts.pool, patientsStatement(this.#parts, query, limit));
      return rows.map(({ patient }) => patient);
    }
    const all = await this.#all(this.#parts.pool, query, ALL_SIGHT);
    return [...new Set(all.map(({ patient }) => patient))].filter((patient) => patient !== NOBODY).slice(0, limit);
  }

  async #find(
    asked: SearchQuery,
    sight: Sight,
    see: See,
    context?: ViewContext,
  ): Promise<{ found: Found; included: SeenVersion[]; total: number | undefined }> {
    const query = await this.#exact(this.#parts.pool, asked, sight);
    if (query.summary === 'count' || query.count === 0) {
      return { found: { matches: [] }, included: [], total: await this.#count(query, sight) };
    }
    const [found, total] = await Promise.all([
      this.#page(query, sight),
      query.total === 'none' ? undefined : this.#count(query, sight),
    ]);
    return { found, included: await this.#parts.includes.of(query, found.matches, see, context), total };
  }

  /** Up to two matches, for conditions: nobody sees them, so no view is recorded. What is hidden does not match. */
  async few(database: Database, asked: SearchQuery, sight: Sight): Promise<OpenedVersion[]> {
    const query = await this.#exact(database, asked, sight);
    if (isChecked(query)) return (await this.#all(database, query, sight)).slice(0, 2);
    return this.#open(database, anyStatement(this.#parts, query, sight, 2), sight);
  }

  /** Makes conditional creates with the same condition wait for each other until the transaction ends. */
  async lock(client: PoolClient, query: SearchQuery): Promise<void> {
    const condition = JSON.stringify([query.types, [...query.applied].sort()]);
    await client.query('SELECT pg_advisory_xact_lock($1)', [this.#parts.hash.mac(condition).readBigInt64BE(0)]);
  }

  async #page(query: SearchQuery, sight: Sight): Promise<Found> {
    const compartment = query.filters.find((filter) => filter.kind === 'compartment');
    const applied = query.applied.filter(([name]) => name !== '_count');
    const about = JSON.stringify([query.types, compartment?.owner, compartment?.id, applied]);
    const limit = Math.min(query.count ?? DEFAULT_PAGE, LARGEST_PAGE);
    const cursor = query.cursor === undefined ? undefined : this.#parts.cursors.open(about, query.cursor);
    const made = pageStatement(this.#parts, query, sight, limit + 1, cursor);
    if (!made) return this.#sortedPage(query, sight, about, limit, cursor);
    const rows = await this.#run(this.#parts.pool, made.bound);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const opened = checked(query, await openRows(this.#parts.keys, shown), this.#parts.baseUrl);
    // the statement left out what is hidden; looking again costs little, finds the reasons, and holds if the index is wrong
    const matches = await this.#parts.judge.byRule(sight.found, opened);
    if (rows.length <= limit || !last) return { matches };
    return { matches, next: this.#parts.cursors.seal(about, [last[made.order.column], last.rid]) };
  }

  /** Names, codes and ids are sealed, so only the opened records can be put in their order. */
  async #sortedPage(
    query: SearchQuery,
    sight: Sight,
    about: string,
    limit: number,
    cursor: readonly string[] | undefined,
  ): Promise<Found> {
    const sorted = sortInMemory(query.sort, await this.#all(this.#parts.pool, query, sight), this.#parts.baseUrl);
    const left = cursor ? afterPlace(query.sort, sorted, cursor) : sorted;
    const shown = left.slice(0, limit);
    const last = shown.at(-1);
    const matches = shown.map(({ record }) => record);
    if (left.length <= limit || !last) return { matches };
    return { matches, next: this.#parts.cursors.seal(about, writePlace(last)) };
  }

  /** All matches, of which there may not be more than are held in memory. */
  async #all(database: Database, query: SearchQuery, sight: Sight): Promise<SeenVersion[]> {
    const all = await this.#open(database, anyStatement(this.#parts, query, sight, LARGEST_SORT + 1), sight);
    if (all.length <= LARGEST_SORT) return checked(query, all, this.#parts.baseUrl);
    throw new StoreError(
      'too-costly',
      400,
      `Matches must be looked at one by one here, and there are more than ${LARGEST_SORT}. Narrow the search, or sort by date or _lastUpdated.`,
    );
  }

  /** The same search with what the index cannot follow exactly (`subject.name:contains=…`) looked up beforehand. */
  #exact(database: Database, query: SearchQuery, { passed }: Sight): Promise<SearchQuery> {
    const inside: Sight = { found: passed, passed };
    return resolveInexactChains(query, this.#parts.baseUrl, (inner) => this.#all(database, inner, inside));
  }

  async #count(query: SearchQuery, sight: Sight): Promise<number> {
    if (isChecked(query)) {
      const all = await this.#open(this.#parts.pool, anyStatement(this.#parts, query, sight, LARGEST_SORT + 1), sight);
      if (all.length <= LARGEST_SORT) return checked(query, all, this.#parts.baseUrl).length;
    }
    const [row] = await this.#run<{ count: bigint }>(this.#parts.pool, countStatement(this.#parts, query, sight));
    return Number(row?.count ?? 0n);
  }

  async #open(database: Database, bound: BoundStatement, sight: Sight): Promise<SeenVersion[]> {
    const opened = await openRows(this.#parts.keys, await this.#run(database, bound));
    return this.#parts.judge.byRule(sight.found, opened);
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

function pageOf(found: Found, included: readonly SeenVersion[], total: number | undefined): SearchPage {
  return {
    matches: found.matches.map((match) => match.stored),
    included: included.map((match) => match.stored),
    ...(total !== undefined && { total }),
    ...(found.next !== undefined && { next: found.next }),
  };
}
