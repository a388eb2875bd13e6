import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSearch, type Resource } from '@meridian/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecords, type Records } from './open-records.ts';
import type { Database } from './postgres/index.ts';
import type { PostgresStore } from './postgres-store.ts';
import type { StoredVersion, ViewContext } from './store.ts';
import { testDatabase } from './testing/database.ts';
import { EVERYTHING } from './visibility.ts';

const context: ViewContext = {
  actor: 'Practitioner/tester',
  purpose: 'TREAT',
  requestId: 'test',
  visibility: EVERYTHING,
};

let database: Database;
let folder: string;
let records: Records;
let store: PostgresStore;
let clock = Date.UTC(2026, 0, 1);

beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'meridian-store-'));
  records = await openRecords({ database, dataFolder: folder, now: () => clock++ });
  store = records.store;
});

afterAll(async () => {
  await records?.close();
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});

function bodyOf(stored: StoredVersion | undefined): Resource {
  return JSON.parse(stored?.json?.toString() ?? 'null') as Resource;
}

async function find(search: string): Promise<Resource[]> {
  const [type = '', parameters] = search.split('?');
  const query = parseSearch([type], [...new URLSearchParams(parameters)], {
    handling: 'strict',
    baseUrl: 'http://localhost/fhir',
  });
  const page = await store.search(query, context);
  return page.matches.map(bodyOf);
}

async function eventsOf(kind: number): Promise<number> {
  const pool = database.pool();
  const { rows } = await pool.query<{ n: string }>('SELECT count(*) AS n FROM ledger_outbox WHERE kind = $1', [kind]);
  await pool.end();
  return Number(rows[0]?.n);
}

function patient(family: string, extra: object = {}): Resource {
  return { resourceType: 'Patient', name: [{ family, given: ['Tai Man'] }], ...extra };
}

function observation(patientId: string, code: string, date: string, value: number): Resource {
  return {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code, display: `Display of ${code}` }] },
    subject: { reference: `Patient/${patientId}` },
    effectiveDateTime: date,
    valueQuantity: { value, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
  };
}

describe('one resource', () => {
  it('is read back as it was written, with id and meta', async () => {
    const created = await store.write({ op: 'create', resource: patient('Chan') }, context);
    expect(created.outcome).toBe('created');
    expect(created.event).toMatch(/^[0-9a-f]{16}$/);
    const read = bodyOf(await store.read('Patient', created.stored.id, context));
    expect(read).toEqual({
      ...patient('Chan'),
      id: created.stored.id,
      meta: { versionId: '1', lastUpdated: new Date(created.stored.lastUpdated).toISOString() },
    });
  });

  it('keeps every version, and the deletion', async () => {
    const { stored } = await store.write({ op: 'create', resource: patient('Wong') }, context);
    const { id } = stored;
    await store.write({ op: 'update', resource: { ...patient('Wong'), id, active: true } }, context);
    const deleted = await store.write({ op: 'delete', type: 'Patient', id }, context);
    expect(deleted.outcome).toBe('deleted');
    const again = await store.write({ op: 'update', resource: { ...patient('Wong'), id, active: false } }, context);
    expect(again).toMatchObject({ outcome: 'created', stored: { version: 4 } });
    const history = await store.history({ type: 'Patient', id }, context);
    expect(history.versions.map((version) => [version.version, version.deleted])).toEqual([
      [4, false],
      [3, true],
      [2, false],
      [1, false],
    ]);
    expect(bodyOf(await store.vread('Patient', id, 2, context))).toMatchObject({ active: true });
  });

  it('refuses a stale If-Match and changes nothing', async () => {
    const { stored } = await store.write({ op: 'create', resource: patient('Lee') }, context);
    const stale = store.write({ op: 'update', resource: { ...patient('Li'), id: stored.id }, ifMatch: 7 }, context);
    await expect(stale).rejects.toMatchObject({ status: 412 });
    expect((await store.read('Patient', stored.id, context))?.version).toBe(1);
  });

  it('loses no concurrent update', async () => {
    const { stored } = await store.write({ op: 'create', resource: patient('Ho') }, context);
    const all = Array.from({ length: 8 }, (_, i) =>
      store.write({ op: 'update', resource: { ...patient(`Ho ${i}`), id: stored.id } }, context),
    );
    const versions = (await Promise.allSettled(all)).map((done) =>
      done.status === 'fulfilled' ? done.value.stored.version : 0,
    );
    const written = versions.filter((version) => version > 0).sort((a, b) => a - b);
    expect(written).toEqual(written.map((_, i) => i + 2));
    const history = await store.history({ type: 'Patient', id: stored.id }, context);
    expect(history.versions).toHaveLength(written.length + 1);
  });

  it('is not moved to another patient', async () => {
    const [a, b] = ['mover-a', 'mover-b'];
    const { stored } = await store.write({ op: 'create', resource: observation(a, '1-8', '2026-01-01', 1) }, context);
    const moved = { ...observation(b, '1-8', '2026-01-01', 1), id: stored.id };
    await expect(store.write({ op: 'update', resource: moved }, context)).rejects.toMatchObject({ status: 422 });
  });

  it('is found by an id that a client chose, and that id can be used once only', async () => {
    const resource = { ...observation('chosen', '1-8', '2026-01-01', 1), id: 'my-own-id' };
    expect(await store.write({ op: 'update', resource }, context)).toMatchObject({ outcome: 'created' });
    expect(await store.write({ op: 'update', resource }, context)).toMatchObject({ outcome: 'unchanged' });
    expect(bodyOf(await store.read('Observation', 'my-own-id', context))).toMatchObject({ status: 'final' });
    const other = { ...observation('somebody-else', '1-8', '2026-01-01', 1), id: 'my-own-id' };
    await expect(store.write({ op: 'update', resource: other }, context)).rejects.toMatchObject({ status: 422 });
  });

  it('has each view on record before it is answered', async () => {
    const { stored } = await store.write({ op: 'create', resource: patient('Yip') }, context);
    const before = await eventsOf(4);
    await store.read('Patient', stored.id, context);
    expect(await eventsOf(4)).toBe(before + 1);
  });
});

describe('search', () => {
  const id = `p-${randomBytes(4).toString('hex')}`;

  beforeAll(async () => {
    await store.write(
      { op: 'update', resource: { ...patient('Zhang-Smith', { gender: 'female', birthDate: '1980-02-03' }), id } },
      context,
    );
    for (let day = 1; day <= 25; day++) {
      const date = `2025-03-${String(day).padStart(2, '0')}`;
      await store.write(
        { op: 'create', resource: observation(id, day % 5 === 0 ? '718-7' : '2345-7', date, day) },
        context,
      );
    }
  });

  it('finds one patient’s results newest first', async () => {
    const found = await find(`Observation?patient=Patient/${id}&code=http://loinc.org|718-7&_sort=-date&_count=3`);
    expect(found.map((resource) => resource.effectiveDateTime)).toEqual(['2025-03-25', '2025-03-20', '2025-03-15']);
  });

  it('pages without gap or repetition', async () => {
    const query = (cursor?: string) => ({
      ...parseSearch(
        ['Observation'],
        [
          ['patient', `Patient/${id}`],
          ['_count', '7'],
        ],
        { handling: 'strict', baseUrl: 'http://localhost/fhir' },
      ),
      ...(cursor && { cursor }),
    });
    const dates: unknown[] = [];
    let next: string | undefined;
    do {
      const page = await store.search(query(next), context);
      dates.push(...page.matches.map((match) => bodyOf(match).effectiveDateTime));
      next = page.next;
    } while (next);
    expect(dates).toHaveLength(25);
    expect([...dates].sort().reverse()).toEqual(dates);
  });

  it.each([
    ['Patient?family=zhang', 1],
    ['Patient?family:exact=zhang', 0],
    ['Patient?family:exact=Zhang-Smith', 1],
    ['Patient?family:contains=hang-smi', 1],
    ['Patient?birthdate=1980-02', 1],
    ['Patient?birthdate=gt1980-02-03', 0],
    [`Observation?subject=Patient/${id}&value-quantity=gt20|http://unitsofmeasure.org|mg/dL`, 5],
    [`Observation?subject=Patient/${id}&value-quantity=20`, 1],
    [`Observation?subject=Patient/${id}&code:not=718-7`, 20],
    [`Observation?subject=Patient/${id}&code:text=display`, 20],
    [`Observation?subject.family=zhang&date=ge2025-03-21`, 5],
    [`Patient?_has:Observation:subject:value-quantity=25&family=zhang`, 1],
    [`Observation?_id=nothing`, 0],
    [`Observation?subject=Patient/${id}&value-date:missing=false`, 0],
  ])('%s finds %i', async (search, count) => {
    expect(await find(`${search}&_count=20`)).toHaveLength(count);
  });
});

describe('transactions', () => {
  it('write all or nothing', async () => {
    const { stored } = await store.write({ op: 'create', resource: patient('Tsang') }, context);
    const fresh = store.newId(stored.id);
    const failing = store.writeAll(
      [
        { op: 'create', resource: observation(stored.id, '1-8', '2026-01-01', 1), id: fresh },
        { op: 'update', resource: { ...patient('Tsang 2'), id: stored.id }, ifMatch: 99 },
      ],
      context,
    );
    await expect(failing).rejects.toMatchObject({ status: 412 });
    expect(await store.read('Observation', fresh, context)).toBeUndefined();
    const done = await store.writeAll(
      [
        { op: 'create', resource: observation(stored.id, '1-8', '2026-01-01', 1), id: fresh },
        { op: 'update', resource: { ...patient('Tsang 2'), id: stored.id }, ifMatch: 1 },
      ],
      context,
    );
    expect(done.map((result) => result.outcome)).toEqual(['created', 'updated']);
  });

  it('create conditionally only once, however many try', async () => {
    const identifier = { system: 'urn:test', value: randomBytes(6).toString('hex') };
    const query = parseSearch(['Patient'], [['identifier', `urn:test|${identifier.value}`]], {
      handling: 'strict',
      baseUrl: 'http://localhost/fhir',
    });
    const tries = Array.from({ length: 6 }, () =>
      store.write(
        { op: 'create', resource: patient('Once', { identifier: [identifier] }), ifNoneExist: query },
        context,
      ),
    );
    const outcomes = (await Promise.all(tries)).map((result) => result.outcome);
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'unchanged')).toHaveLength(5);
  });
});
