import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSearch, type Resource, SearchError, type SearchQuery } from '@meridian/fhir';
import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRecords, type Records } from '../open-records.ts';
import type { Database } from '../postgres/index.ts';
import type { PostgresStore } from '../postgres-store.ts';
import type { Context, SearchPage, StoredVersion, Write } from '../store.ts';
import { testDatabase } from '../testing/database.ts';
import { Model } from './testing/model.ts';
import { type Search, search } from './testing/questions.ts';
import { BASE, world } from './testing/world.ts';

const context: Context = { actor: 'Practitioner/tester', purpose: 'TREAT', requestId: 'property' };
const NOW = Date.UTC(2026, 0, 1);

let database: Database;
let folder: string;
let records: Records;
let store: PostgresStore;
let pool: Pool;
let clock = NOW;

beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'meridian-search-'));
  clock = NOW;
  records = await openRecords({ database, dataFolder: folder, baseUrl: BASE, now: () => (clock += 3_600_000) });
  store = records.store;
  pool = database.pool({ size: 1 });
});

afterAll(async () => {
  await records?.close();
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Stores the resources in place of those that were there, and deletes the first again where asked. */
async function settle(resources: readonly Resource[], deleteFirst = false): Promise<Model> {
  await pool.query('TRUNCATE resource, resource_history, locator, ledger_outbox');
  clock = NOW;
  const writes = resources.map((resource): Write => ({ op: 'update', resource: structuredClone(resource) }));
  const stored = (await store.writeAll(writes, context)).map((result) => bodyOf(result.stored));
  const [first, ...others] = stored;
  if (!deleteFirst || !first?.id) return new Model(stored);
  await store.write({ op: 'delete', type: first.resourceType, id: first.id }, context);
  return new Model(others);
}

function bodyOf(version: StoredVersion): Resource {
  return JSON.parse(version.json?.toString() ?? 'null') as Resource;
}

/** The query, or undefined where the grammar refuses it. */
function parsed({ type, parameters, compartment }: Search, more: [string, string][] = []): SearchQuery | undefined {
  try {
    const options = { handling: 'strict' as const, baseUrl: BASE, now: NOW, ...(compartment && { compartment }) };
    return parseSearch([type], [...parameters, ...more], options);
  } catch (error) {
    if (error instanceof SearchError) return undefined;
    throw error;
  }
}

/** All pages one after the other. */
async function allPages(query: SearchQuery): Promise<SearchPage[]> {
  const pages: SearchPage[] = [];
  let cursor: string | undefined;
  do {
    const page: SearchPage = await store.search({ ...query, ...(cursor !== undefined && { cursor }) }, context);
    pages.push(page);
    cursor = page.next;
  } while (cursor !== undefined);
  return pages;
}

function namesIn(pages: readonly SearchPage[]): string[] {
  return pages.flatMap((page) => page.matches.map(({ type, id }) => `${type}/${id}`));
}

let asked = 0;

it('finds exactly what the search grammar means, counts it, and pages through it once', async () => {
  const property = fc.asyncProperty(
    world,
    fc.boolean(),
    fc.array(search, { minLength: 12, maxLength: 24 }),
    fc.integer({ min: 1, max: 5 }),
    async (resources, deleteFirst, searches, count) => {
      const model = await settle(resources, deleteFirst);
      for (const one of searches) {
        const query = parsed(one, [
          ['_count', String(count)],
          ['_total', 'accurate'],
        ]);
        if (!query) continue;
        asked++;
        const pages = await allPages(query);
        const expected = model.find(query);
        if (process.env.QUICK) process.stderr.write(`STAT ${expected.length > 0 ? "some" : "none"} ${expected.length === resources.length} ${one.parameters.map(([n]) => n.split(/[:.]/)[0]).join("+")}\n`);
        //DBG
        if (process.env.QUICK) {
          const got = namesIn(pages).sort();
          if (JSON.stringify(got) !== JSON.stringify(expected) || pages[0]?.total !== expected.length) {
            const odd = [...got.filter((x) => !expected.includes(x)), ...expected.filter((x) => !got.includes(x))][0];
            process.stderr.write(`MISMATCH ${JSON.stringify(one)} got ${got} expected ${expected} total ${pages[0]?.total} ${JSON.stringify(resources.find((r) => `${r.resourceType}/${r.id}` === odd))}\n`);
          }
          continue;
        }
        //DBGEND
        expect(namesIn(pages).sort(), JSON.stringify(one)).toEqual(expected);
        expect(pages[0]?.total, JSON.stringify(one)).toBe(expected.length);
      }
    },
  );
  await fc.assert(property, { numRuns: Number(process.env.RUNS ?? 120), endOnFailure: process.env.QUICK === '1' });
  expect(asked).toBeGreaterThan(1000);
}, 600_000);
