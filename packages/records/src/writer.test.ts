import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StoreError } from './errors.ts';
import type { Write, WriteResult } from './store.ts';
import type { StoreParts } from './store-parts.ts';
import { context, eventsAfter, newestEvent, searchOf, type TestStore, testStore } from './testing/store.ts';
import { Writer } from './writer.ts';

let tested: TestStore;
let parts: StoreParts;
let others: Writer;

beforeAll(async () => {
  tested = await testStore();
  parts = await tested.anotherProcess();
  others = new Writer({ ...parts, tell: () => undefined });
});
afterAll(() => tested?.close());

let unique = 0;
const fresh = (): string => `w${unique++}`;

const patient = (id: string, value: number): Write => ({
  op: 'update',
  resource: { resourceType: 'Patient', id, multipleBirthInteger: value },
});

/** One thing that a writer does to the resources of a round. */
interface Step {
  target: number;
  kind: 'update' | 'same' | 'delete' | 'create' | 'ifMatch' | 'onlyIfNew' | 'both';
  value: number;
  version: number;
  /** In another process. */
  elsewhere: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  target: fc.nat({ max: 2 }),
  kind: fc.constantFrom<Step['kind'][]>('update', 'same', 'delete', 'create', 'ifMatch', 'onlyIfNew', 'both'),
  value: fc.nat({ max: 3 }),
  version: fc.integer({ min: 1, max: 4 }),
  elsewhere: fc.boolean(),
});

function writesOf(names: readonly string[], { target, kind, value, version }: Step): Write[] {
  const id = names[target] as string;
  switch (kind) {
    case 'update':
    case 'same':
      return [patient(id, kind === 'same' ? 0 : value)];
    case 'delete':
      return [{ op: 'delete', type: 'Patient', id }];
    case 'create':
      return [{ op: 'create', id, resource: { resourceType: 'Patient', multipleBirthInteger: value } }];
    case 'ifMatch':
      return [{ ...patient(id, value), ifMatch: version } as Write];
    case 'onlyIfNew':
      return [{ ...patient(id, value), onlyIfNew: true } as Write];
    case 'both':
      return [patient(id, value), { op: 'delete', type: 'Patient', id: names[(target + 1) % 3] as string }];
  }
}

const CHANGED = new Set(['created', 'updated', 'deleted']);

describe('concurrent writers', () => {
  it('leave contiguous histories, and exactly one event for each version', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const names = [fresh(), fresh(), fresh()];
      const before = await newestEvent(tested.pool);
      const settled = await Promise.allSettled(
        steps.map((one): Promise<WriteResult[]> => {
          const writer = one.elsewhere ? others : tested.store;
          const writes = writesOf(names, one);
          const [first] = writes;
          return writes.length > 1 || !first
            ? writer.writeAll(writes, context)
            : writer.write(first, context).then((result) => [result]);
        }),
      );
      const done: WriteResult[] = [];
      for (const outcome of settled) {
        if (outcome.status === 'fulfilled') done.push(...outcome.value);
        else expect(outcome.reason).toBeInstanceOf(StoreError);
      }
      const reported = done
        .filter(({ outcome }) => CHANGED.has(outcome))
        .map(({ stored, event }) => {
          expect(event).toMatch(/^[0-9a-f]{16}$/);
          return `${stored.id}/${stored.version}`;
        });
      const kept: string[] = [];
      for (const id of names) {
        const { versions } = await tested.store.history({ type: 'Patient', id, count: 1000 }, context);
        expect(versions.map(({ version }) => version)).toEqual(versions.map((_, i) => versions.length - i));
        kept.push(...versions.map(({ version }) => `${id}/${version}`));
      }
      expect(reported.sort()).toEqual(kept.sort());
      const events = (await eventsAfter(tested.pool, parts.keys, before)).filter(({ kind }) => kind <= 3);
      expect(events.flatMap(({ subjects }) => subjects).sort()).toEqual(
        kept.map((name) => `Patient/${name.replace('/', '/_history/')}`).sort(),
      );
    });
    await fc.assert(property, { numRuns: 40 });
  }, 240_000);

  it('of the same change in the same moment: one is stored, the others hear that nothing changed', async () => {
    const id = fresh();
    await tested.store.write(patient(id, 1), context);
    const results = await Promise.all(Array.from({ length: 10 }, () => tested.store.write(patient(id, 2), context)));
    expect(results.filter(({ outcome }) => outcome === 'updated')).toHaveLength(1);
    expect(results.filter(({ outcome }) => outcome === 'unchanged')).toHaveLength(9);
  });

  it('with If-Match on the same version: one wins, the others get 412', async () => {
    const id = fresh();
    await tested.store.write(patient(id, 1), context);
    const tries = Array.from({ length: 8 }, (_, i) =>
      (i % 2 ? others : tested.store).write({ ...patient(id, i + 2), ifMatch: 1 } as Write, context),
    );
    const settled = await Promise.allSettled(tries);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of settled) if (one.status === 'rejected') expect(one.reason).toMatchObject({ status: 412 });
  });

  it('with If-None-Match: * make one resource', async () => {
    const id = fresh();
    const tries = Array.from({ length: 8 }, (_, i) =>
      (i % 2 ? others : tested.store).write({ ...patient(id, i), onlyIfNew: true } as Write, context),
    );
    const settled = await Promise.allSettled(tries);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of settled) if (one.status === 'rejected') expect(one.reason).toMatchObject({ status: 412 });
  });

  it('with If-None-Exist in two processes make one resource', async () => {
    const value = fresh();
    const write: Write = {
      op: 'create',
      resource: { resourceType: 'Patient', identifier: [{ system: 'urn:w', value }] },
      ifNoneExist: searchOf(`Patient?identifier=urn:w|${value}`),
    };
    const tries = Array.from({ length: 6 }, (_, i) =>
      (i % 2 ? others : tested.store).write(structuredClone(write), context),
    );
    const outcomes = (await Promise.all(tries)).map(({ outcome }) => outcome);
    expect(outcomes.sort()).toEqual(['created', ...Array.from({ length: 5 }, () => 'unchanged')]);
  });
});

describe('a create', () => {
  it('with an id that is taken is refused, alone, conditionally and in a transaction', async () => {
    const id = fresh();
    await tested.store.write(patient(id, 1), context);
    const write: Write = { op: 'create', id, resource: { resourceType: 'Patient' } };
    const refused = { name: 'StoreError', status: 409, code: 'duplicate' };
    await expect(tested.store.write(write, context)).rejects.toMatchObject(refused);
    await expect(tested.store.writeAll([write], context)).rejects.toMatchObject(refused);
    const conditional = { ...write, ifNoneExist: searchOf('Patient?identifier=urn:w|nothing-such') };
    await expect(tested.store.write(conditional, context)).rejects.toMatchObject(refused);
  });

  it('whose condition finds several is refused with 412', async () => {
    const value = fresh();
    const resource = { resourceType: 'Patient', identifier: [{ value }] };
    for (let i = 0; i < 2; i++) await tested.store.write({ op: 'create', resource: { ...resource } }, context);
    const ifNoneExist = searchOf(`Patient?identifier=${value}`);
    await expect(tested.store.write({ op: 'create', resource, ifNoneExist }, context)).rejects.toMatchObject({
      status: 412,
    });
  });
});

describe('a transaction', () => {
  afterEach(async () => {
    await tested.pool.query('DROP TRIGGER IF EXISTS failing ON ledger_outbox; DROP FUNCTION IF EXISTS fail()');
  });

  const count = async (table: string): Promise<number> =>
    Number((await tested.pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n);

  /** Rows of everything that a write touches. */
  const everything = async (): Promise<number[]> =>
    Promise.all(['resource', 'resource_history', 'locator', 'ledger_outbox'].map(count));

  it('leaves nothing behind when a statement in it fails', async () => {
    const standing = fresh();
    await tested.store.write(patient(standing, 1), context);
    await tested.pool.query(`
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'injected'; END $$;
      CREATE TRIGGER failing AFTER INSERT ON ledger_outbox FOR EACH ROW EXECUTE FUNCTION fail()`);
    const before = await everything();
    const writes = [patient(fresh(), 1), patient(standing, 2), patient(fresh(), 3)];
    await expect(tested.store.writeAll(writes, context)).rejects.toThrow('injected');
    await expect(tested.store.write(patient(standing, 9), context)).rejects.toThrow('injected');
    expect(await everything()).toEqual(before);
  });

  it('is all there or not at all when its connection is killed, and the caller hears 503', async () => {
    const [id, standing] = [fresh(), fresh()];
    await tested.store.write(patient(standing, 1), context);
    // holds up the transaction at the standing row until its connection is killed
    const blocker = await tested.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM resource WHERE rid = $1 FOR UPDATE', [parts.ids.rid('Patient', standing)]);
    const writing = tested.store.writeAll([patient(id, 1), patient(standing, 2)], context);
    const outcome = expect(writing).rejects.toMatchObject({ name: 'StoreError', status: 503, code: 'transient' });
    await until(async () => {
      const { rows } = await tested.pool.query<{ killed: boolean }>(
        `SELECT pg_terminate_backend(pid) AS killed FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length > 0;
    });
    await outcome;
    await blocker.query('ROLLBACK');
    blocker.release();
    expect(await tested.store.read('Patient', id, context)).toBeUndefined();
    expect((await tested.store.read('Patient', standing, context))?.version).toBe(1);
    expect(
      (await tested.store.writeAll([patient(id, 1), patient(standing, 2)], context)).map((r) => r.outcome),
    ).toEqual(['created', 'updated']);
  });

  it('may not touch one resource twice', async () => {
    const id = fresh();
    const writes: Write[] = [patient(id, 1), { op: 'delete', type: 'Patient', id }];
    await expect(tested.store.writeAll(writes, context)).rejects.toMatchObject({ status: 400 });
  });

  it('writes 2,000 resources with as many events', async () => {
    const before = await newestEvent(tested.pool);
    const writes = Array.from({ length: 2000 }, () => patient(fresh(), 1));
    const results = await tested.store.writeAll(writes, context);
    expect(new Set(results.map(({ event }) => event)).size).toBe(2000);
    expect(await eventsAfter(tested.pool, parts.keys, before)).toHaveLength(2000);
  });
});

async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
}
