import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestStore, testStore } from '../testing/store.ts';
import { int8Array } from './binary-array.ts';
import { inTransaction, prepared, run, sqlState, unplanned } from './run.ts';

let tested: TestStore;
let pool: Pool;

beforeAll(async () => {
  tested = await testStore();
  ({ pool } = tested);
});
afterAll(() => tested?.close());

const EVERY_KIND = prepared(/* sql */ `
  SELECT $1::int8 AS big, $2::int4 AS small, $3::float8 AS float, $4::bytea AS bytes, $5::boolean AS flag, $6::text AS text,
         $7::int2[] AS list, $8::text AS nothing`);

describe('a statement', () => {
  it('gives back each kind of value, described or not', async () => {
    const values = [2n ** 63n - 1n, -5, 1.5, Buffer.of(0, 255), true, '"中\\', [1, 2], undefined];
    for (let i = 0; i < 3; i++) {
      expect(await run(pool, EVERY_KIND, values)).toEqual([
        {
          big: 2n ** 63n - 1n,
          small: -5,
          float: 1.5,
          bytes: Buffer.of(0, 255),
          flag: true,
          text: '"中\\',
          list: '{1,2}',
          nothing: null,
        },
      ]);
    }
  });

  it('may have no name, no rows, and many rows', async () => {
    expect(await run(pool, { text: 'SELECT $1::int4 AS n' }, [7])).toEqual([{ n: 7 }]);
    const none = prepared('SELECT n FROM generate_series(1, $1::int4) AS n');
    for (const most of [0, 3, 0]) expect(await run(pool, none, [most])).toHaveLength(most);
    expect(await run(pool, none, [20_000])).toHaveLength(20_000);
  });

  it('refuses values that have no form in SQL before it is sent', async () => {
    for (const value of [{}, ['a'], new Date(0), Symbol.iterator]) {
      await expect(run(pool, { text: 'SELECT $1::text' }, [value])).rejects.toThrow(TypeError);
    }
  });

  it('that fails says why, and the connection goes on', async () => {
    const divided = prepared('SELECT 1 / $1::int4 AS n');
    const broken = prepared('SELECT nothing_of_this_name');
    for (let i = 0; i < 3; i++) {
      const failed = await run(pool, divided, [0]).catch((error: unknown) => error);
      expect(sqlState(failed)).toBe('22012');
      expect(await run(pool, divided, [1])).toEqual([{ n: 1 }]);
      expect(sqlState(await run(pool, broken, []).catch((error: unknown) => error))).toBe('42703');
    }
  });

  it('that fails when it is first used is used again on the same connection', async () => {
    const divided = prepared('SELECT 2 / $1::int4 AS n');
    await inTransaction(pool, async (client) => {
      await client.query('SAVEPOINT before');
      await expect(run(client, divided, [0])).rejects.toThrow('division by zero');
      await client.query('ROLLBACK TO before');
      expect(await run(client, divided, [2])).toEqual([{ n: 1 }]);
      expect(await run(client, divided, [1])).toEqual([{ n: 2 }]);
    });
  });

  it('on a connection that is gone is rejected', async () => {
    const client = await pool.connect();
    client.on('error', () => undefined);
    const waiting = run(client, { text: 'SELECT pg_terminate_backend(pg_backend_pid())' }, []);
    await expect(waiting).rejects.toThrow();
    await expect(run(client, EVERY_KIND, [])).rejects.toThrow();
    client.release(true);
  });
});

it('whose lists are hidden from the planner is not planned each time', async () => {
  const text = (list: string): string => `SELECT r.rid FROM unnest(${list}) AS i(n) JOIN resource r ON r.patient = i.n`;
  const client = await pool.connect();
  const plans = async (list: string): Promise<{ generic: number; custom: number } | undefined> => {
    const statement = prepared(text(list));
    for (let i = 0; i < 20; i++) await run(client, statement, [int8Array([1n])]);
    const [row] = await run<{ generic: bigint; custom: bigint }>(
      client,
      { text: 'SELECT generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements WHERE name = $1' },
      [statement.name],
    );
    return row && { generic: Number(row.generic), custom: Number(row.custom) };
  };
  expect(await plans('$1::int8[]')).toEqual({ generic: 0, custom: 20 });
  expect(await plans(unplanned(1, 'int8[]'))).toEqual({ generic: 15, custom: 5 });
  client.release();
});
