import { hash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { type Statement, StatementQuery } from './statement-query.ts';

export type { Statement } from './statement-query.ts';

/** Where statements run: the pool for single ones, a client inside a transaction. */
export type Database = Pool | PoolClient;

/**
 * Runs a statement. Parameters that are Buffers cross in binary form, others as text; results are bigint for int8, Buffer
 * for bytea, numbers for the other numeric types, booleans, and text.
 */
export async function run<Row>(database: Database, statement: Statement, values: readonly unknown[]): Promise<Row[]> {
  const query = new StatementQuery(statement, values);
  // a pool answers with a promise that also gives its connection back; a client only tells the query itself
  if ('totalCount' in database) await database.query(query);
  else {
    await new Promise<void>((resolve, reject) => {
      query.callback = (error) => (error ? reject(error) : resolve());
      database.query(query);
    });
  }
  return query.rows as Row[];
}

/** A statement whose name is derived from its text, so that equal texts share one preparation. */
export function prepared(text: string): Statement {
  return { name: hash('sha256', text).slice(0, 32), text };
}

/**
 * A placeholder of which the planner sees only the type. PostgreSQL plans a prepared statement anew each time as long as
 * it takes the plan for these very values to be cheaper; with lists it mostly does, because it sees how short they are,
 * and never learns that planning costs more than the statement. So hidden, it keeps the first plan that fits all values.
 */
export function unplanned(number: number, type: string): string {
  return `(SELECT $${number}::${type})::${type}`;
}

/** Runs `work` in a transaction; commits when it resolves, rolls back and rethrows when it does not. */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** PostgreSQL's SQLSTATE of an error, if it is one. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Errors after which the same work may succeed when tried again: serialization failure and deadlock. */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01';
}
