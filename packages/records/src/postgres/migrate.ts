import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { DatabaseError } from './errors.ts';

/** The migrations of the record store. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Key of the advisory lock that one migrating process holds: the letters `meridian`. */
const LOCK = 0x6d_65_72_69_64_69_61_6en;

/** One `NNN-name.sql`. */
interface Migration {
  number: number;
  name: string;
  sql: string;
  /** Hex SHA-256 of the text with line ends as LF, so that a checkout with CRLF is the same migration. */
  digest: string;
}

export interface MigrateOptions {
  /** Where the `.sql` files lie. Default: the record store's. */
  folder?: string;
  log?: (message: string) => void;
}

/**
 * Brings a database up to date: applies, in order of their numbers, the migrations it does not have, each in a
 * transaction of its own, and records each with its SHA-256 in `meridian_migration`. Processes that migrate at the same
 * time wait for each other.
 *
 * @returns the names that were applied
 *
 * Errors: `DatabaseError` `migration-mismatch` when what was applied is not what the files say, or was written by a newer
 * Meridian; `migration-failed` when the server refuses one (those before it stay applied).
 */
export async function migrate(connection: pg.ClientConfig, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(options.folder ?? MIGRATIONS_FOLDER);
  const client = new pg.Client({
    ...connection,
    application_name: 'meridian migrate',
    connectionTimeoutMillis: 30_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`SET lock_timeout = '10min'`);
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query(`
      CREATE TABLE IF NOT EXISTS meridian_migration (
        number integer PRIMARY KEY,
        name text NOT NULL,
        sha256 text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`);
    const pending = await comparePast(client, migrations);
    for (const migration of pending) {
      await apply(client, migration);
      options.log?.(`applied migration ${migration.name}`);
    }
    return pending.map(({ name }) => name);
  } finally {
    // ends the session, and with it the lock
    await client.end();
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (file, index) => {
      const [, digits, title] = /^(\d{3})-([a-z0-9]+(?:-[a-z0-9]+)*)\.sql$/.exec(file) ?? [];
      if (title === undefined || Number(digits) !== index + 1) {
        const expected = `${String(index + 1).padStart(3, '0')}-name.sql`;
        throw new DatabaseError('migration-mismatch', `${join(folder, file)} should be called ${expected}.`);
      }
      const sql = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n');
      return {
        number: index + 1,
        name: `${digits}-${title}`,
        sql,
        digest: createHash('sha256').update(sql).digest('hex'),
      };
    }),
  );
}

/** The migrations still to be done, once those that were done prove to be ours. */
async function comparePast(client: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ number: number; name: string; sha256: string }>(
    'SELECT number, name, sha256 FROM meridian_migration ORDER BY number',
  );
  for (const row of rows) {
    const known = migrations[row.number - 1];
    if (known === undefined) {
      throw new DatabaseError(
        'migration-mismatch',
        `The database has migration ${row.name}, which this Meridian does not know: run the newer Meridian that made it.`,
      );
    }
    if (known.name !== row.name || known.digest !== row.sha256) {
      throw new DatabaseError(
        'migration-mismatch',
        `Migration ${known.name} is not the one that was applied to this database (${row.name}): put its file back as ` +
          'it was, and write changes as a new migration.',
      );
    }
  }
  return migrations.slice(rows.length);
}

async function apply(client: pg.Client, { number, name, sql, digest }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query('INSERT INTO meridian_migration (number, name, sha256) VALUES ($1, $2, $3)', [
      number,
      name,
      digest,
    ]);
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined);
    const { code = 'no SQLSTATE', position } = cause as { code?: string; position?: string };
    const where = position === undefined ? '' : ` at character ${position}`;
    throw new DatabaseError(
      'migration-failed',
      `The server refused migration ${name} (${code}${where}); nothing of it was kept.`,
      cause,
    );
  }
}
