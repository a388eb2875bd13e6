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
import type { SearchPage, StoredVersion, ViewContext, Write } from '../store.ts';
import { testDatabase } from '../testing/database.ts';
import { EVERYTHING } from '../visibility.ts';
import { Model } from './testing/model.ts';
import { type Search, search } from './testing/questions.ts';
import { BASE, resource, world } from './testing/world.ts';

const context: ViewContext = {
  actor: 'Practitioner/tester',
  purpose: 'TREAT',
  requestId: 'property',
  visibility: EVERYTHING,
};
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
let found = 0;

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
        const pages = await allPages(query);
        const expected = model.find(query);
        asked++;
        if (expected.length > 0) found++;
        expect(namesIn(pages).sort(), JSON.stringify(one)).toEqual(expected);
        expect(pages[0]?.total, JSON.stringify(one)).toBe(expected.length);
      }
    },
  );
  await fc.assert(property, { numRuns: 100 });
  // a test that never finds anything would agree with everything
  expect(asked).toBeGreaterThan(1000);
  expect(found).toBeGreaterThan(200);
}, 600_000);

const SORTS = [
  '_id',
  '-_id',
  '_lastUpdated',
  '-_lastUpdated',
  'family',
  '-family',
  'birthdate,-_id',
  'name,-birthdate',
];

it('puts matches in order, whatever the page size, and goes on in the right place when others write', async () => {
  const patients = fc.uniqueArray(resource('Patient'), { minLength: 2, maxLength: 4, selector: ({ id }) => id });
  const property = fc.asyncProperty(
    patients,
    fc.constantFrom(...SORTS),
    fc.integer({ min: 1, max: 3 }),
    async (resources, sort, count) => {
      await settle(resources);
      const whole: Search = { type: 'Patient', parameters: [['_sort', sort]], compartment: undefined };
      const everything = required(parsed(whole, [['_count', '100']]));
      const before = namesIn(await allPages(everything));
      expect(before).toHaveLength(resources.length);
      const first = await store.search(required(parsed(whole, [['_count', String(count)]])), context);
      const late = { resourceType: 'Patient', id: 'late', name: [{ family: 'Ho' }], birthDate: '2020-01-01' };
      await store.write({ op: 'update', resource: late }, context);
      const rest = first.next === undefined ? [] : await allPages({ ...everything, count, cursor: first.next });
      const after = namesIn([first, ...rest]);
      expect(after.filter((name) => name !== 'Patient/late')).toEqual(before);
      expect(after.filter((name) => name === 'Patient/late').length).toBeLessThanOrEqual(1);
      const key = sort.replace('-', '');
      if (key === '_id') {
        const ascending = resources.map(({ id }) => `Patient/${id}`).sort();
        expect(before).toEqual(sort === key ? ascending : ascending.reverse());
      }
    },
  );
  await fc.assert(property, { numRuns: 40 });
}, 300_000);

it('sorts by value: the smallest first when ascending, the largest when descending, those without one last', async () => {
  const named = (id: string, ...families: string[]): Resource => ({
    resourceType: 'Patient',
    id,
    ...(families.length > 0 && { name: families.map((family) => ({ family })) }),
  });
  await settle([named('a', 'Ångström', 'Zhao'), named('b', 'BERG'), named('c'), named('d', 'ang')]);
  const order = async (sort: string): Promise<string> => {
    const query = required(parsed({ type: 'Patient', parameters: [['_sort', sort]], compartment: undefined }));
    return (await store.search(query, context)).matches.map(({ id }) => id).join('');
  };
  expect(await order('family')).toBe('dabc');
  expect(await order('-family')).toBe('abdc');
});

const INCLUDES: readonly [name: string, value: string][] = [
  ['_include', 'Observation:subject'],
  ['_include', 'Observation:subject:Patient'],
  ['_include', 'Observation:*'],
  ['_include:iterate', 'Patient:general-practitioner'],
  ['_include:iterate', 'Observation:has-member'],
  ['_include:iterate', 'Encounter:part-of'],
  ['_revinclude', 'DiagnosticReport:result'],
  ['_revinclude:iterate', 'Observation:has-member'],
  ['_revinclude:iterate', 'Provenance:target'],
];

it('includes what is referred to, once, and never a match again', async () => {
  const includes = fc.uniqueArray(fc.constantFrom(...INCLUDES), { minLength: 1, maxLength: 4 });
  const property = fc.asyncProperty(world, includes, async (resources, asking) => {
    const model = await settle(resources);
    const query = required(parsed({ type: 'Observation', parameters: asking, compartment: undefined }));
    const page = await store.search(query, context);
    const matched = namesIn([page]);
    const included = page.included.map(({ type, id }) => `${type}/${id}`);
    expect([...included].sort()).toEqual(model.included(query, matched));
  });
  await fc.assert(property, { numRuns: 50 });
}, 300_000);

it('counts without showing, and records no view for it', async () => {
  await settle([
    { resourceType: 'Patient', id: 'a' },
    { resourceType: 'Patient', id: 'b' },
  ]);
  const query = parsed({ type: 'Patient', parameters: [['_summary', 'count']], compartment: undefined });
  expect(await store.search(required(query), context)).toEqual({ matches: [], included: [], total: 2 });
  const { rows } = await pool.query('SELECT FROM ledger_outbox WHERE kind = 5');
  expect(rows).toHaveLength(0);
});

it('follows chains to what only opened records can tell', async () => {
  const long = 'the department of the second harbour building';
  await settle([
    { resourceType: 'Organization', id: 'a', name: `${long} east wing` },
    { resourceType: 'Organization', id: 'b', name: `${long} west wing` },
    { resourceType: 'Patient', id: 'a', managingOrganization: { reference: 'Organization/a' } },
    { resourceType: 'Patient', id: 'b', managingOrganization: { reference: `${BASE}/Organization/b` } },
  ]);
  const find = async (type: string, name: string, value: string): Promise<string[]> =>
    namesIn(await allPages(required(parsed({ type, parameters: [[name, value]], compartment: undefined })))).sort();
  expect(await find('Patient', 'organization.name', `${long} west`)).toEqual(['Patient/b']);
  expect(await find('Patient', 'organization.name:contains', 'east wing')).toEqual(['Patient/a']);
  expect(await find('Organization', '_has:Patient:organization:organization.name:contains', 'ast w')).toEqual([
    'Organization/a',
  ]);
});

function required(query: SearchQuery | undefined): SearchQuery {
  if (!query) throw new Error('the search was refused');
  return query;
}
