import { hash } from 'node:crypto';
import type { Pool, PoolClient, QueryConfig } from 'pg';

/** Where statements run: the pool for single ones, a client inside a transaction. */
export type Database = Pool | PoolClient;

/** A statement with a name is prepared once on each connection. */
export interface Statement {
  name?: string;
  text: string;
}

/** Results by type OID: bigint for int8, Buffer for bytea. The driver knows text results only. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [16, (text) => text === 't'],
  [17, (text) => Buffer.from(text.slice(2), 'hex')],
  [20, BigInt],
  [21, Number],
  [23, Number],
  [701, Number],
]);

const types = {
  getTypeParser: (oid: number): ((text: string) => unknown) => PARSERS.get(oid) ?? ((text) => text),
};

/** Runs a statement. Parameters that are Buffers cross in binary form, others as text. */
export async function run<Row>(database: Database, statement: Statement, values: unknown[]): Promise<Row[]> {
  const config = { ...statement, values, types } as QueryConfig;
  const { rows } = await database.query(config);
  return rows as Row[];
}

/** A statement whose name is derived from its text, so that equal texts share one preparation. */
export function prepared(text: string): Statement {
  return { name: hash('sha256', text).slice(0, 32), text };
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
