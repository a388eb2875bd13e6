import type { QueryConfig } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Write } from './store.ts';
import type { StoreParts } from './store-parts.ts';
import { bodyOf, context, eventsAfter, newestEvent, searchOf, type TestStore, testStore } from './testing/store.ts';
import { Writer } from './writer.ts';

let tested: TestStore;
let parts: StoreParts;

beforeAll(async () => {
  tested = await testStore();
  parts = await tested.anotherProcess();
});
afterAll(() => tested?.close());

let unique = 0;
const fresh = (): string => `w${unique++}`;

const patient = (id: string, value: number): Write => ({
  op: 'update',
  resource: { resourceType: 'Patient', id, multipleBirthInteger: value },
});

describe('a commit whose answer is lost', () => {
  it('is not taken for the work of another when it is tried again', async () => {
    let lose = false;
    const pool = new Proxy(parts.pool, {
      get(target, name) {
        if (name !== 'query') return Reflect.get(target, name, target);
        return async (statement: QueryConfig) => {
          const answer = await target.query(statement);
          const several = statement.text.includes('INSERT INTO ledger_outbox') && sizeOf(statement.values?.[0]) > 1;
          if (lose && several) {
            lose = false;
            throw new Error('Connection terminated unexpectedly');
          }
          return answer;
        };
      },
    });
    const writer = new Writer({ ...parts, pool, tell: () => undefined });
    // records of one patient whose keys are at hand arrive in one turn, and so in one commit
    const record = (id: string, value: number): Write => ({
      op: 'update',
      resource: { resourceType: 'Basic', id, code: { text: `${value}` }, subject: { reference: 'Patient/lost' } },
    });
    await writer.write(record(fresh(), 0), context);
    const names = Array.from({ length: 20 }, fresh);
    const before = await newestEvent(tested.pool);
    for (const value of [1, 2]) {
      lose = true;
      const results = await Promise.all(names.map((id) => writer.write(record(id, value), context)));
      expect(lose).toBe(false);
      for (const { outcome, stored } of results) {
        expect(outcome).toBe(value === 1 ? 'created' : 'updated');
        expect(stored.version).toBe(value);
      }
    }
    lose = true;
    const deleted = await Promise.all(names.map((id) => writer.write({ op: 'delete', type: 'Basic', id }, context)));
    expect(lose).toBe(false);
    for (const { outcome } of deleted) expect(outcome).toBe('deleted');
    expect(await eventsAfter(tested.pool, parts.keys, before)).toHaveLength(60);
  });
});

describe('many writes whose connections are killed under them', () => {
  it('are each stored once and reported, or refused with 503', async () => {
    const names = Array.from({ length: 300 }, fresh);
    let over = false;
    const killing = (async () => {
      while (!over) {
        await tested.pool.query(`
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'meridian' AND random() < 0.2`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const settled = await Promise.allSettled(
      names.map(async (id, i) => {
        await new Promise((resolve) => setTimeout(resolve, i));
        return tested.store.write(
          { op: 'create', id, resource: { resourceType: 'Patient', multipleBirthInteger: i } },
          context,
        );
      }),
    );
    over = true;
    await killing;
    for (const [i, outcome] of settled.entries()) {
      const found = await parts.reader.current({ type: 'Patient', id: names[i] as string });
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'StoreError', status: 503 });
      else expect(found?.stored.version).toBe(1);
    }
    expect(settled.some(({ status }) => status === 'fulfilled')).toBe(true);
  }, 120_000);
});

describe('a database that is away', () => {
  it('gives 503 with a sentence, and all is well when it is back', async () => {
    const away = await testStore();
    const { pool, store } = away;
    await store.write(patient('x', 1), context);
    const [own] = (await pool.query<{ name: string }>('SELECT current_database() AS name')).rows;
    await tested.pool.query(`ALTER DATABASE ${own?.name} WITH ALLOW_CONNECTIONS false`);
    await tested.pool.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [own?.name]);
    const refused = { name: 'StoreError', status: 503 };
    await expect(store.read('Patient', 'x', context)).rejects.toMatchObject(refused);
    await expect(store.write(patient('x', 2), context)).rejects.toMatchObject(refused);
    await expect(store.writeAll([patient('x', 2)], context)).rejects.toMatchObject(refused);
    await expect(store.search(searchOf('Patient?active=true'), context)).rejects.toMatchObject(refused);
    await expect(store.history({ type: 'Patient' }, context)).rejects.toMatchObject(refused);
    await tested.pool.query(`ALTER DATABASE ${own?.name} WITH ALLOW_CONNECTIONS true`);
    expect(bodyOf(await store.read('Patient', 'x', context))).toMatchObject({ multipleBirthInteger: 1 });
    expect((await store.write(patient('x', 2), context)).outcome).toBe('updated');
    await away.close();
  });
});

/** Elements of an array in PostgreSQL's binary form. */
function sizeOf(array: unknown): number {
  return Buffer.isBuffer(array) && array.length > 16 ? array.readInt32BE(12) : 0;
}
