import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Server } from '../../e2e/server.ts';

/** Bytes that a server holds on its disk. */
export interface DiskUse {
  /** Every table with its indexes and TOAST, by name. */
  tables: Record<string, number>;
  blobs: number;
  /** The write-ahead log: a fixed reserve that is written over and over, so it is stated apart. */
  log: number;
  resources: number;
}

/** Waits until the ledger has taken in what was written, so that nothing is counted where it does not stay. */
export async function diskUse(server: Server): Promise<DiskUse> {
  const database = await server.database();
  const pool = database.pool({ size: 1 });
  try {
    for (let i = 0; i < 600; i++) {
      const { rows } = await pool.query<{ waiting: boolean }>('SELECT EXISTS (SELECT FROM ledger_outbox) AS waiting');
      if (!rows[0]?.waiting) break;
      await pause(100);
    }
    await pool.query('VACUUM');
    const { rows } = await pool.query<{ name: string; bytes: string }>(
      `SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname IN ('public', 'keys')`,
    );
    const counted = await pool.query<{ count: string }>('SELECT count(*) AS count FROM resource');
    return {
      tables: Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)])),
      blobs: await folderBytes(join(server.dataFolder, 'blobs')),
      log: await folderBytes(join(server.dataFolder, 'postgres', 'cluster', 'pg_wal')),
      resources: Number(counted.rows[0]?.count),
    };
  } finally {
    await database.close();
  }
}

/** Bytes a resource took, between two moments; the log left out. */
export function bytesEach(before: DiskUse, after: DiskUse): number {
  const total = ({ tables, blobs }: DiskUse): number => Object.values(tables).reduce((sum, one) => sum + one, blobs);
  return (total(after) - total(before)) / (after.resources - before.resources);
}

/** What is allocated, not what is written: blocks of 512 bytes (stat(2)). */
async function folderBytes(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    if (found?.isFile()) sum += found.blocks * 512;
  }
  return sum;
}
