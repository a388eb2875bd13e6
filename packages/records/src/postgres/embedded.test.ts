import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EmbeddedPostgres, startEmbedded } from './embedded.ts';
import { isAlive, startOf } from './process-identity.ts';

const PARENT = fileURLToPath(new URL('../testing/embedded-parent.ts', import.meta.url));
const onUnix = process.platform !== 'win32';

let base: string;
let dataFolder: string;
let server: EmbeddedPostgres | undefined;

beforeEach(async () => {
  // mode 0700, blanks, letters outside ASCII, and longer than a socket path may be: every test here meets them all
  base = await mkdtemp(join(tmpdir(), 'meridian embedded 病歷 '));
  dataFolder = join(base, 'datos clínicos', 'x'.repeat(100));
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(base, { recursive: true, force: true });
});

describe('a server of our own', () => {
  test('is set up once, started again with its rows, and leaves nothing running', async () => {
    server = await startEmbedded({ dataFolder });
    expect(server.adopted).toBe(false);
    await query('CREATE TABLE kept AS SELECT 42 AS answer');
    const { pid } = server;
    const socket = String(server.connection.host);
    await server.stop();
    expect(isAlive(pid)).toBe(false);
    if (onUnix) expect(existsSync(socket)).toBe(false);
    server = await startEmbedded({ dataFolder });
    expect(await query('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('keeps what is committed, and lets in nobody without the password', async () => {
    server = await startEmbedded({ dataFolder });
    const settings = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums'];
    const rows = await query(`SELECT setting FROM pg_settings WHERE name = ANY('{${settings.join(',')}}')`);
    expect(rows).toEqual(settings.map(() => ({ setting: 'on' })));
    expect(await query('SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([{ rolsuper: false }]);
    const stranger = new pg.Client({ ...server.connection, password: 'guess' });
    await expect(stranger.connect()).rejects.toMatchObject({ code: '28P01' });
    if (onUnix) expect(await query('SHOW listen_addresses')).toEqual([{ listen_addresses: '' }]);
  });

  test('is reached by its URL too', async () => {
    server = await startEmbedded({ dataFolder });
    const client = new pg.Client({ connectionString: server.connectionString });
    await client.connect();
    const { rows } = await client.query('SELECT current_user AS role');
    await client.end();
    expect(rows).toEqual([{ role: 'meridian' }]);
  });

  test('writes nothing that a statement carried to its log', async () => {
    server = await startEmbedded({ dataFolder });
    await query('CREATE TABLE one (a text PRIMARY KEY, b jsonb)');
    await query(`INSERT INTO one VALUES ('Chan Tai Man planted')`);
    const refused = [
      `INSERT INTO one VALUES ('Chan Tai Man planted')`,
      `SELECT 'Chan Tai Man planted'::int`,
      `INSERT INTO one VALUES ('x', '{"Chan Tai Man planted')`,
      `DO $$ BEGIN RAISE EXCEPTION 'Chan Tai Man planted'; END $$`,
      `DO $$ BEGIN RAISE WARNING 'Chan Tai Man planted'; END $$`,
      'SELECT Chan Tai Man planted',
    ];
    for (const sql of refused) await query(sql).catch(() => undefined);
    await expect(query('SELECT $1::int', ['Chan Tai Man planted'])).rejects.toThrow();
    // a backend that is killed makes the postmaster name what it was doing
    const victim = await connect();
    const { rows } = await victim.query('SELECT pg_backend_pid() AS pid');
    const sleeping = victim.query(`SELECT pg_sleep(60), 'Chan Tai Man planted'`).catch(() => undefined);
    await delay(100);
    process.kill(rows[0].pid, 'SIGKILL');
    await sleeping;
    await server.stop();
    const log = await readFile(join(dataFolder, 'postgres', 'postgres.log'), 'utf8');
    expect(log).toContain('was terminated by signal 9');
    expect(log).not.toContain('planted');
  });
});

describe.runIf(onUnix)('after an accident', () => {
  test('the server of a killed parent is adopted', async () => {
    const parent = await startParent();
    parent.process.kill('SIGKILL');
    await once(parent.process, 'exit');
    expect(isAlive(parent.answer.pid)).toBe(true);
    server = await startEmbedded({ dataFolder });
    expect(server.adopted).toBe(true);
    expect(server.pid).toBe(parent.answer.pid);
    expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(isAlive(parent.answer.pid)).toBe(false);
  });

  test('an orphan whose socket was swept away is replaced', async () => {
    const parent = await startParent();
    parent.process.kill('SIGKILL');
    await once(parent.process, 'exit');
    const file = readFileSync(join(dataFolder, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n');
    await rm(String(file[4]), { recursive: true });
    server = await startEmbedded({ dataFolder });
    expect(server.adopted).toBe(false);
    expect(isAlive(parent.answer.pid)).toBe(false);
  });

  test('a killed server is started again at the same address with every acknowledged row', async () => {
    server = await startEmbedded({ dataFolder });
    await query('CREATE TABLE acknowledged (n int PRIMARY KEY)');
    const pool = new pg.Pool({ ...server.connection, max: 4 });
    pool.on('error', () => undefined);
    const acknowledged: number[] = [];
    let next = 0;
    const writing = Array.from({ length: 4 }, async () => {
      while (acknowledged.length < 1500) {
        const n = next++;
        try {
          await pool.query('INSERT INTO acknowledged VALUES ($1)', [n]);
          acknowledged.push(n);
        } catch {
          await delay(20);
        }
      }
    });
    const killed: number[] = [];
    for (const mark of [300, 800]) {
      while (acknowledged.length < mark) await delay(5);
      killed.push(server.pid);
      process.kill(server.pid, 'SIGKILL');
    }
    await Promise.all(writing);
    await pool.end();
    const stored = new Set((await query('SELECT n FROM acknowledged')).map((row) => row.n));
    expect(acknowledged.filter((n) => !stored.has(n))).toEqual([]);
    expect(killed).not.toContain(server.pid);
  });

  test('both killed at once: the next start recovers', async () => {
    const parent = await startParent();
    process.kill(parent.answer.pid, 'SIGKILL');
    parent.process.kill('SIGKILL');
    await once(parent.process, 'exit');
    server = await startEmbedded({ dataFolder });
    expect(server.adopted).toBe(false);
    expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('a set-up that was killed in the middle is done again', async () => {
    const child = spawn(process.execPath, [PARENT, dataFolder], { stdio: 'ignore' });
    const home = join(dataFolder, 'postgres');
    const halfDone = (): string | undefined =>
      existsSync(home) ? readdirSync(home).find((name) => name.startsWith('cluster.new-')) : undefined;
    while (!existsSync(join(home, String(halfDone()), 'data', 'global'))) await delay(2);
    child.kill('SIGKILL');
    await once(child, 'exit');
    server = await startEmbedded({ dataFolder });
    expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(halfDone()).toBeUndefined();
  });

  test('a postmaster.pid whose pid has been given to another process does not keep the server from starting', async () => {
    server = await startEmbedded({ dataFolder });
    const path = join(dataFolder, 'postgres', 'cluster', 'postmaster.pid');
    const file = readFileSync(path, 'utf8');
    await server.stop();
    // of the server's user: PostgreSQL does not take such a process of anybody else's for a server
    const { uid, gid } = statSync(join(dataFolder, 'postgres', 'cluster'));
    const other = spawn('sleep', ['60'], { uid, gid, stdio: 'ignore' });
    await once(other, 'spawn');
    await writeFile(path, file.replace(/^\d+/, String(other.pid)));
    server = await startEmbedded({ dataFolder });
    expect(server.adopted).toBe(false);
    expect(isAlive(Number(other.pid))).toBe(true);
    other.kill('SIGKILL');
  });
});

describe('one owner', () => {
  test('a second one is refused with the pid of the first', async () => {
    server = await startEmbedded({ dataFolder });
    await expect(startEmbedded({ dataFolder })).rejects.toMatchObject({ code: 'in-use' });
    const second = await startParent();
    expect(second.answer).toEqual({ error: 'in-use' });
    expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('of several that race for a new folder one wins, the others are refused', async () => {
    const parents = await Promise.all([startParent(), startParent(), startParent()]);
    const answers = parents.map(({ answer }) => answer);
    expect(answers.filter((answer) => answer.error === undefined)).toHaveLength(1);
    expect(answers.filter((answer) => answer.error === 'in-use')).toHaveLength(2);
    for (const { process: parent } of parents) {
      if (parent.exitCode !== null) continue;
      parent.kill('SIGTERM');
      await once(parent, 'exit');
    }
  });

  test('claims of the dead do not count: no such process, or another one with that pid', async () => {
    const owners = join(dataFolder, 'postgres', 'owners');
    await mkdir(owners, { recursive: true });
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
    await once(other, 'spawn');
    await writeFile(join(owners, `${other.pid}-1-longago`), '');
    await writeFile(join(owners, '4194300-1-longago'), '');
    server = await startEmbedded({ dataFolder });
    expect(readdirSync(owners)).toEqual([`${process.pid}-${startOf(process.pid)}`]);
    other.kill('SIGKILL');
  });
});

describe('a folder that is not right', () => {
  test('of another major version is left as it is, with an instruction', async () => {
    const cluster = join(dataFolder, 'postgres', 'cluster');
    await mkdir(cluster, { recursive: true });
    await writeFile(join(cluster, 'PG_VERSION'), '17\n');
    await expect(startEmbedded({ dataFolder })).rejects.toMatchObject({
      code: 'other-major',
      message: expect.stringMatching(/PostgreSQL 17.*Nothing was changed.*Export/s),
    });
    expect(readdirSync(cluster)).toEqual(['PG_VERSION']);
    expect(readFileSync(join(cluster, 'PG_VERSION'), 'utf8')).toBe('17\n');
    expect(readdirSync(join(dataFolder, 'postgres', 'owners'))).toEqual([]);
  });

  test('without its credentials is refused', async () => {
    server = await startEmbedded({ dataFolder });
    await server.stop();
    await rm(join(dataFolder, 'postgres', 'credentials.json'));
    await expect(startEmbedded({ dataFolder })).rejects.toMatchObject({ code: 'damaged' });
  });
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client(server?.connection);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
  const client = await connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

interface ParentAnswer {
  pid: number;
  adopted: boolean;
  error?: string;
}

/** Another process that starts the server of `dataFolder`, once it has said what came of it. */
async function startParent(): Promise<{ process: ChildProcess; answer: ParentAnswer }> {
  const child = spawn(process.execPath, [PARENT, dataFolder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, answer: JSON.parse(String(line)) as ParentAnswer };
}
