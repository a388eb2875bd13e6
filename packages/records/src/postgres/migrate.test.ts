import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../testing/database.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';

let database: Database;
let folder: string;

beforeEach(async () => {
  database = await testDatabase(false);
  folder = await mkdtemp(join(tmpdir(), 'meridian-migrations-'));
  await writeFile(join(folder, '001-first.sql'), 'CREATE TABLE one (a int);\nCREATE TABLE two (a int);\n');
});

afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

test('applies what is new, in order, once', async () => {
  expect(await migrate(database.connection, { folder })).toEqual(['001-first']);
  await writeFile(join(folder, '002-second.sql'), 'ALTER TABLE two ADD COLUMN b int;');
  expect(await migrate(database.connection, { folder })).toEqual(['002-second']);
  expect(await migrate(database.connection, { folder })).toEqual([]);
  const { rows } = await database.pool().query('SELECT number, name, sha256 FROM meridian_migration ORDER BY number');
  expect(rows.map((row) => row.name)).toEqual(['001-first', '002-second']);
  expect(rows[0].sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('processes that migrate at once wait for each other', async () => {
  const all = await Promise.all([1, 2, 3, 4].map(() => migrate(database.connection, { folder })));
  expect(all.flat()).toEqual(['001-first']);
});

test('a migration that fails leaves nothing of itself, and what was before it stays', async () => {
  await writeFile(join(folder, '002-broken.sql'), 'CREATE TABLE three (a int);\nSELECT nonsense;');
  await expect(migrate(database.connection, { folder })).rejects.toMatchObject({
    code: 'migration-failed',
    message: expect.stringContaining('002-broken (42703 at character'),
  });
  const { rows } = await database.pool().query(`SELECT to_regclass('one') AS one, to_regclass('three') AS three`);
  expect(rows).toEqual([{ one: 'one', three: null }]);
});

test('a migration that was changed after it was applied is refused, other line ends are not a change', async () => {
  await migrate(database.connection, { folder });
  const path = join(folder, '001-first.sql');
  const sql = await readFile(path, 'utf8');
  await writeFile(path, sql.replaceAll('\n', '\r\n'));
  expect(await migrate(database.connection, { folder })).toEqual([]);
  await writeFile(path, `${sql} `);
  await expect(migrate(database.connection, { folder })).rejects.toMatchObject({ code: 'migration-mismatch' });
});

test('a database of a newer Meridian is refused', async () => {
  await writeFile(join(folder, '002-second.sql'), 'CREATE TABLE three (a int);');
  await migrate(database.connection, { folder });
  await rm(join(folder, '002-second.sql'));
  await expect(migrate(database.connection, { folder })).rejects.toThrow('run the newer Meridian');
});

test('a gap or a wrong name is refused before anything is done', async () => {
  await rename(join(folder, '001-first.sql'), join(folder, '002-first.sql'));
  await expect(migrate(database.connection, { folder })).rejects.toThrow('should be called 001-name.sql');
  const { rows } = await database.pool().query(`SELECT to_regclass('meridian_migration') AS past`);
  expect(rows).toEqual([{ past: null }]);
});

test('the migrations of the store apply to an empty database', async () => {
  const applied = await migrate(database.connection);
  expect(await migrate(database.connection)).toEqual([]);
  const client = new pg.Client(database.connection);
  await client.connect();
  const { rows } = await client.query('SELECT count(*)::int AS count FROM meridian_migration');
  await client.end();
  expect(rows).toEqual([{ count: applied.length }]);
});
