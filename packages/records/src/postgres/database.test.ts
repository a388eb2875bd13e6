import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../testing/database.ts';
import { openDatabase } from './database.ts';

let dataFolder: string;

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'meridian-database-'));
});

afterEach(() => rm(dataFolder, { recursive: true, force: true }));

test('without a URL the embedded server of the data folder is opened, and stopped again', async () => {
  const database = await openDatabase({ dataFolder });
  expect(database.embedded).toBe(true);
  expect(database.serverVersion).toBeGreaterThanOrEqual(180_000);
  const pool = database.pool({ name: 'a test', statementTimeout: 1234 });
  const { rows } = await pool.query(
    `SELECT current_setting('application_name') AS name, current_setting('statement_timeout') AS timeout`,
  );
  expect(rows).toEqual([{ name: 'a test', timeout: '1234ms' }]);
  await database.close();
  await expect(pool.query('SELECT 1')).rejects.toThrow();
  const again = await openDatabase({ dataFolder });
  await again.close();
});

test('commits wait for the disk also where the database says otherwise', async () => {
  const lax = await testDatabase(false);
  const { rows } = await lax.pool().query<{ name: string }>('SELECT current_database() AS name');
  await lax.pool().query(`ALTER DATABASE ${rows[0]?.name} SET synchronous_commit = off`);
  const databaseUrl = urlOf(lax.connection, rows[0]?.name);
  const database = await openDatabase({ databaseUrl, dataFolder });
  const { rows: settings } = await database.pool().query('SHOW synchronous_commit');
  expect(settings).toEqual([{ synchronous_commit: 'on' }]);
  await database.close();
  await lax.close();
});

test('a URL that leads nowhere is an error, not a wait', async () => {
  const databaseUrl = 'postgresql://nobody@127.0.0.1:1/none';
  await expect(openDatabase({ databaseUrl, dataFolder })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

function urlOf(connection: Awaited<ReturnType<typeof testDatabase>>['connection'], name = ''): string {
  if (connection.connectionString !== undefined) return connection.connectionString;
  const { user, password, host, port } = connection;
  return `postgresql://${user}:${password}@localhost:${port}/${name}?host=${encodeURIComponent(String(host))}`;
}
