import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Server } from '../../e2e/server.ts';

/** Rows of one statement, and statements under way: as the store's writer groups its commits. */
const BATCH = 128;
const PARALLEL = 3;

/**
 * Rows a second that this PostgreSQL takes when nothing but the bytes of a sealed Observation is written: one table,
 * primary key and two more indexes of the store's kind, batches in one statement each, every commit synced. What the
 * store adds beside it (index tokens, events, ledger) is the price of what it does.
 *
 * @param bytes of the body of a row
 */
export async function rawInsertsPerSecond(server: Server, bytes: number, seconds: number): Promise<number> {
  const database = await server.database();
  const pool = database.pool({ size: PARALLEL });
  try {
    await pool.query(
      'CREATE TABLE bench_raw (patient int8, rid int8, at int8, type int2, body bytea, PRIMARY KEY (patient, rid))',
    );
    await pool.query('ALTER TABLE bench_raw ALTER body SET STORAGE EXTERNAL');
    await pool.query('CREATE INDEX ON bench_raw (patient, type, at DESC)');
    await pool.query('CREATE INDEX ON bench_raw (type, at, rid)');
    let [rows, next] = [0, 0];
    const begun = performance.now();
    const write = async (): Promise<void> => {
      while (performance.now() - begun < seconds * 1000) {
        const bodies = Array.from({ length: BATCH }, () => randomBytes(bytes));
        const numbers = bodies.map(() => next++);
        await pool.query({
          name: 'bench-raw',
          text: `INSERT INTO bench_raw SELECT n % 1000, n, 1600000000000 + n, 77, body
                   FROM unnest($1::int8[], $2::bytea[]) AS i(n, body)`,
          values: [numbers, bodies],
        });
        rows += BATCH;
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, write));
    const rate = rows / ((performance.now() - begun) / 1000);
    await pool.query('DROP TABLE bench_raw');
    return rate;
  } finally {
    await database.close();
  }
}
