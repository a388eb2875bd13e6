import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSearch, patientIdOf, type Resource, SearchError, type SearchQuery } from '@meridian/fhir';
import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labelsOf, VIEWING_LABEL } from '../labels.ts';
import { openRecords, type Records } from '../open-records.ts';
import type { Database } from '../postgres/index.ts';
import type { PostgresStore } from '../postgres-store.ts';
import { Model } from '../search/testing/model.ts';
import { type Search, search } from '../search/testing/questions.ts';
import { BASE, IDS, world } from '../search/testing/world.ts';
import type { HistoryRequest, SearchPage, StoredVersion, ViewContext, Write } from '../store.ts';
import { testDatabase } from '../testing/database.ts';
import { EVERYTHING, type Rule, type Visibility } from '../visibility.ts';
import { holds, type Thing } from './testing/meaning.ts';
import { LABELS, numbered, rule } from './testing/rules.ts';

const NOW = Date.UTC(2026, 0, 1);
const SYSTEM: ViewContext = { actor: 'system', purpose: 'HOPERAT', requestId: 'property', visibility: EVERYTHING };

let database: Database;
let folder: string;
let records: Records;
let store: PostgresStore;
let pool: Pool;
let clock = NOW;

beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'meridian-visibility-'));
  records = await openRecords({
    database,
    dataFolder: folder,
    baseUrl: BASE,
    labels: LABELS,
    now: () => (clock += 3_600_000),
  });
  store = records.store;
  pool = database.pool({ size: 1 });
});

afterAll(async () => {
  await records?.close();
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that was ever stored, with what rules look at. */
interface Stored {
  versions: readonly StoredVersion[];
  things: Map<StoredVersion, Thing>;
  current: readonly StoredVersion[];
}

/** A later version of one of the resources: the patient takes it away, or gives it back. */
interface Second {
  at: number;
  removed: boolean;
}

function secondOf(first: readonly Resource[], { at, removed }: Second): Resource {
  const one = structuredClone(first[at % first.length]) as Resource;
  one.meta = removed ? { security: [{ system: VIEWING_LABEL, code: 'removed' }] } : {};
  return one;
}

/** First versions of all, later ones of some, and the deletion of one. */
async function settle(first: readonly Resource[], second: readonly Second[], deleted: boolean): Promise<Stored> {
  await pool.query('TRUNCATE resource, resource_history, locator, ledger_outbox');
  clock = NOW;
  const update = (one: Resource): Write => ({ op: 'update', resource: structuredClone(one) });
  await store.writeAll(first.map(update), SYSTEM);
  for (const one of second) await store.write(update(secondOf(first, one)), SYSTEM);
  const [gone] = first;
  if (deleted && gone?.id) await store.write({ op: 'delete', type: gone.resourceType, id: gone.id }, SYSTEM);
  const { versions } = await store.history({ count: 1000 }, SYSTEM);
  const current = versions.filter(
    (one) => !versions.some((other) => named(other) === named(one) && other.version > one.version),
  );
  const things = new Map(versions.map((version) => [version, thingOf(version, versions, current)]));
  return { versions, things, current };
}

/** A deletion is judged by what was deleted; labels are those of the version and those that stand now. */
function thingOf(version: StoredVersion, all: readonly StoredVersion[], current: readonly StoredVersion[]): Thing {
  const content = bodyOf(contentOf(version, all));
  const now = bodyOf(contentOf(current.find((one) => named(one) === named(version)) ?? version, all));
  const patient = content.resourceType === 'Patient' ? content.id : patientIdOf(content, BASE);
  return {
    resource: content,
    patient: patient === undefined ? 0n : store.patientNumber(patient),
    labels: labelsOf(content, LABELS) | labelsOf(now, LABELS),
  };
}

function contentOf(version: StoredVersion, all: readonly StoredVersion[]): StoredVersion {
  if (!version.deleted) return version;
  return all.find((one) => named(one) === named(version) && one.version === version.version - 1) ?? version;
}

function bodyOf(version: StoredVersion): Resource {
  return JSON.parse(version.json?.toString() ?? 'null') as Resource;
}

function named({ type, id }: { type: string; id: string }): string {
  return `${type}/${id}`;
}

function versionName(version: StoredVersion): string {
  return `${named(version)}/_history/${version.version}`;
}

/** Says no more than it was asked, so that a scope that is too narrow hides what should be shown. */
function seeing(all: Rule): Visibility {
  return {
    ruleFor: ({ types, patient }) => {
      const of: Rule[] = [all];
      if (types.length > 0) of.push({ kind: 'types', types });
      if (patient !== undefined)
        of.push(patient === 0n ? { kind: 'nobody' } : { kind: 'patients', patients: [patient] });
      return Promise.resolve({ kind: 'all', of });
    },
    refusesWrite: () => Promise.resolve(undefined),
  };
}

function parsed({ type, parameters, compartment }: Search, more: [string, string][] = []): SearchQuery | undefined {
  try {
    const options = { handling: 'strict' as const, baseUrl: BASE, now: NOW, ...(compartment && { compartment }) };
    return parseSearch([type], [...parameters, ...more], options);
  } catch (error) {
    if (error instanceof SearchError) return undefined;
    throw error;
  }
}

async function allPages(query: SearchQuery, context: ViewContext): Promise<SearchPage[]> {
  const pages: SearchPage[] = [];
  let cursor: string | undefined;
  do {
    const page: SearchPage = await store.search({ ...query, ...(cursor !== undefined && { cursor }) }, context);
    pages.push(page);
    cursor = page.next;
  } while (cursor !== undefined);
  return pages;
}

async function wholeHistory(request: HistoryRequest, context: ViewContext): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.history({ ...request, ...(cursor !== undefined && { cursor }) }, context);
    found.push(...page.versions.map(versionName));
    cursor = page.next;
    // a page is never short while there is more, for its length would tell what is hidden
    if (cursor !== undefined) expect(page.versions).toHaveLength(request.count ?? 0);
  } while (cursor !== undefined);
  return found;
}

let hidden = 0;
let shown = 0;

const INCLUDES: readonly [name: string, value: string][] = [
  ['_include', 'Observation:*'],
  ['_include:iterate', 'Patient:general-practitioner'],
  ['_include:iterate', 'Observation:has-member'],
  ['_revinclude', 'DiagnosticReport:result'],
  ['_revinclude:iterate', 'Observation:has-member'],
];

const worlds = fc.record({
  first: world,
  second: fc.array(fc.record({ at: fc.nat(), removed: fc.boolean() }), { maxLength: 12 }),
  deleted: fc.boolean(),
  rule,
});

it('shows through reads, versions, histories and scans exactly what the rule admits', async () => {
  const property = fc.asyncProperty(worlds, async ({ first, second, deleted, rule: namedRule }) => {
    const all = numbered(namedRule, (id) => store.patientNumber(id));
    const { versions, things, current } = await settle(first, second, deleted);
    const context: ViewContext = { ...SYSTEM, actor: 'Practitioner/p', visibility: seeing(all) };
    const admitted = (version: StoredVersion): boolean => holds(all, things.get(version) as Thing);
    for (const version of current) {
      if (admitted(version)) shown++;
      else hidden++;
      const { type, id } = version;
      const read = await store.read(type, id, context);
      expect(read && versionName(read)).toEqual(admitted(version) ? versionName(version) : undefined);
      expect(await store.sees(type, id, undefined, context)).toBe(admitted(version));
    }
    const many = await store.readMany([...current, { type: 'Patient', id: 'nowhere' }], context);
    expect(many.map((one) => one && versionName(one))).toEqual([
      ...current.map((one) => (admitted(one) ? versionName(one) : undefined)),
      undefined,
    ]);
    for (const version of versions) {
      const read = await store.vread(version.type, version.id, version.version, context);
      expect(read && versionName(read)).toEqual(admitted(version) ? versionName(version) : undefined);
    }
    const visible = versions.filter(admitted).map(versionName);
    expect(await wholeHistory({ count: 3 }, context)).toEqual(visible);
    for (const type of ['Patient', 'Observation']) {
      const ofType = visible.filter((name) => name.startsWith(`${type}/`));
      expect(await wholeHistory({ type, count: 2 }, context)).toEqual(ofType);
      for (const id of IDS) {
        const ofOne = visible.filter((name) => name.startsWith(`${type}/${id}/`));
        expect(await wholeHistory({ type, id, count: 1 }, context)).toEqual(ofOne);
      }
      const scanned: string[] = [];
      for await (const batch of store.scan({ type }, context)) scanned.push(...batch.versions.map(named));
      const live = current.filter((one) => one.type === type && !one.deleted && admitted(one));
      expect(scanned.sort()).toEqual(live.map(named).sort());
    }
  });
  await fc.assert(property, { numRuns: 60 });
  expect(hidden).toBeGreaterThan(200);
  expect(shown).toBeGreaterThan(200);
}, 600_000);

it('searches as if there were nothing but what the rule admits: matches, counts, pages, order, chains, inclusions', async () => {
  const asking = fc.record({
    searches: fc.array(search, { minLength: 8, maxLength: 16 }),
    count: fc.integer({ min: 1, max: 4 }),
    sort: fc.constantFrom('', '_id', '-_lastUpdated', '_lastUpdated'),
    includes: fc.uniqueArray(fc.constantFrom(...INCLUDES), { minLength: 1, maxLength: 3 }),
  });
  const property = fc.asyncProperty(worlds, asking, async ({ first, second, deleted, rule: namedRule }, asked) => {
    const all = numbered(namedRule, (id) => store.patientNumber(id));
    const { things, current } = await settle(first, second, deleted);
    const context: ViewContext = { ...SYSTEM, actor: 'Practitioner/p', visibility: seeing(all) };
    const live = current.filter((one) => !one.deleted && holds(all, things.get(one) as Thing));
    const model = new Model(live.map(bodyOf));
    const more: [string, string][] = [
      ['_count', String(asked.count)],
      ['_total', 'accurate'],
      ...(asked.sort === '' ? [] : [['_sort', asked.sort] as [string, string]]),
    ];
    for (const one of asked.searches) {
      const query = parsed(one, more);
      if (!query) continue;
      const expected = model.find(query);
      const pages = await allPages(query, context);
      const about = JSON.stringify([one, asked.sort]);
      expect(pages.flatMap(({ matches }) => matches.map(named)).sort(), about).toEqual(expected);
      expect(pages[0]?.total, about).toBe(expected.length);
      const counted = parsed(one, [['_summary', 'count']]);
      if (counted) expect((await store.search(counted, context)).total, about).toBe(expected.length);
    }
    const query = parsed({ type: 'Observation', parameters: asked.includes, compartment: undefined });
    if (!query) throw new Error('the inclusions were refused');
    const page = await store.search(query, context);
    expect(page.included.map(named).sort()).toEqual(model.included(query, page.matches.map(named)));
  });
  await fc.assert(property, { numRuns: 60 });
}, 600_000);
