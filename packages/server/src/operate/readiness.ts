import { statfs } from 'node:fs/promises';
import type { Queryable } from '../bulk/jobs.ts';

/** What a server needs to take requests, and whether it has it. */
export type Readiness = Record<'database' | 'migrations' | 'disk' | 'keys', boolean>;

/** Below this many free bytes the server asks for no more traffic: the database stops at none. */
const LEAST_FREE = 512 * 1024 * 1024;
const PATIENCE = 2000;

/** Looks anew each time; never throws. */
export async function readinessOf(parts: {
  database: Queryable;
  dataFolder: string;
  /** Whether the keys that seal records can be used. */
  keys: () => Promise<boolean>;
}): Promise<Readiness> {
  const [database, migrations, disk, keys] = await Promise.all([
    holds(async () => (await parts.database.query('SELECT 1 AS one', [])).rows.length === 1),
    holds(async () => (await parts.database.query('SELECT id FROM job LIMIT 0', [])).rows.length === 0),
    holds(async () => {
      const { bavail, bsize } = await statfs(parts.dataFolder);
      return bavail * bsize >= LEAST_FREE;
    }),
    holds(parts.keys),
  ]);
  return { database, migrations, disk, keys };
}

async function holds(question: () => Promise<boolean>): Promise<boolean> {
  const patience = new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), PATIENCE).unref();
  });
  return Promise.race([question().catch(() => false), patience]);
}
