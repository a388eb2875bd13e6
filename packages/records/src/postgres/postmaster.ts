import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DatabaseError } from './errors.ts';
import { give, type Launcher, launch } from './launcher.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { isAlive, processesOf, tagOf } from './process-identity.ts';
import { createRuntimeFolder, isRuntimeFolder } from './runtime-folder.ts';
import { serverSettings } from './settings.ts';

/** Crash recovery replays at most `max_wal_size` or so; this is far beyond. */
const START_PATIENCE_MS = 300_000;
/** For the last processes of a killed server to notice, and for a server that is stopping to be gone. */
const LEAVE_PATIENCE_MS = 30_000;
const MAX_LOG_BYTES = 4 * 2 ** 20;

/** Where a server listens: a Unix socket's folder, or 127.0.0.1 on Windows. */
export interface Address {
  host: string;
  port: number;
}

/** A server process that answers. */
export interface Postmaster {
  pid: number;
  address: Address;
}

/**
 * The server that a killed parent left on this cluster, if it lives and answers to our password; undefined when there
 * is none. One that lives but cannot be reached (its socket was swept away) is stopped.
 */
export async function adoptPostmaster(cluster: string, password: string): Promise<Postmaster | undefined> {
  const file = await readPostmasterFile(cluster);
  if (file === undefined || !belongsTo(file.pid, cluster)) return undefined;
  const address = { host: file.socketFolder || '127.0.0.1', port: file.port };
  const reachable = !address.host.startsWith('/') || existsSync(address.host);
  const answer = reachable && (await untilAnswers(address, password, () => isAlive(file.pid)));
  if (answer === 'answers') return { pid: file.pid, address };
  await stopPostmaster(file.pid);
  return undefined;
}

/**
 * Starts the server of a cluster that no living server uses, and waits until it answers (crash recovery included).
 *
 * @param address of an earlier run, to be used again so that pools find their way back
 * @param overrides settings of PostgreSQL that go before ours
 */
export async function startPostmaster(
  home: string,
  launcher: Launcher,
  password: string,
  overrides: Readonly<Record<string, string>>,
  address?: Address,
): Promise<Postmaster> {
  const cluster = join(home, 'cluster');
  await removeStaleFiles(cluster, address);
  const at = address ?? (await chooseAddress(launcher));
  const name = { cluster_name: tagOf(cluster) };
  const settings = { ...serverSettings(totalmem()), ...listenSettings(at), ...overrides, ...name };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await openLog(home);
  try {
    const child = launch(launcher, 'postgres', (here) => ['-D', here, ...flags], cluster, log.fd);
    child.unref();
    await once(child, 'spawn');
    const pid = child.pid as number;
    const answer = await untilAnswers(at, password, () => child.exitCode === null && child.signalCode === null);
    if (answer === 'answers') return { pid, address: at };
    await stopPostmaster(pid);
    const why = answer === 'refused' ? 'does not take the password of credentials.json' : 'did not come up';
    throw new DatabaseError('not-starting', `The embedded PostgreSQL ${why}; see ${join(home, 'postgres.log')}.`);
  } finally {
    await log.close();
  }
}

/** Fast shutdown, then immediate, then the hard way; comes back when the process is gone. */
export async function stopPostmaster(pid: number): Promise<void> {
  // postmaster's own signals: SIGINT rolls open transactions back, SIGQUIT leaves recovery to the next start
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (const end = Date.now() + LEAVE_PATIENCE_MS; Date.now() < end; await delay(10)) {
      if (!isAlive(pid)) return;
    }
  }
}

/** A superuser's or the application's connection settings. */
export function clientSettings(address: Address, user: string, password: string, database: string): pg.ClientConfig {
  return { ...address, user, password, database, ssl: false };
}

/** Whether a living process is the server of this cluster. */
function belongsTo(pid: number, cluster: string): boolean {
  const inside = processesOf(cluster);
  return inside === undefined ? isAlive(pid) : inside.includes(pid);
}

/**
 * Clears what a dead server left: its socket's folder, and a `postmaster.pid` whose pid now belongs to some other
 * process, which would keep PostgreSQL from starting. Waits for the server's last processes first: while any of them
 * lives, a new server must not start, and the file must not go.
 */
async function removeStaleFiles(cluster: string, keep: Address | undefined): Promise<void> {
  for (const end = Date.now() + LEAVE_PATIENCE_MS; processesOf(cluster)?.length; await delay(20)) {
    if (Date.now() > end) {
      const pids = processesOf(cluster)?.join(', ');
      throw new DatabaseError('in-use', `Processes of another server (${pids}) still work in ${cluster}: end them.`);
    }
  }
  if (keep?.host.startsWith('/') && processesOf(cluster)?.length === 0) {
    // the lock of a dead server names a pid that may still be a zombie, which PostgreSQL would take for alive
    for (const suffix of ['', '.lock']) await rm(join(keep.host, `.s.PGSQL.${keep.port}${suffix}`), { force: true });
  }
  const file = await readPostmasterFile(cluster);
  if (file === undefined) return;
  if (isRuntimeFolder(file.socketFolder) && file.socketFolder !== keep?.host) {
    await rm(file.socketFolder, { recursive: true, force: true });
  }
  // where the platform cannot list processes, PostgreSQL judges its file itself
  if (processesOf(cluster)?.length === 0) await rm(join(cluster, 'postmaster.pid'), { force: true });
}

/** `answers`: takes the password. `refused`: does not. `silent`: went away or let the patience run out. */
async function untilAnswers(
  address: Address,
  password: string,
  lives: () => boolean,
): Promise<'answers' | 'refused' | 'silent'> {
  let unreachable = 0;
  for (const end = Date.now() + START_PATIENCE_MS; lives() && Date.now() < end; await delay(20)) {
    const client = new pg.Client({
      ...clientSettings(address, 'postgres', password, 'postgres'),
      connectionTimeoutMillis: 10_000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return 'answers';
    } catch (error) {
      const { code } = error as { code?: string };
      if (code?.startsWith('28')) return 'refused';
      // 57P03: starting up, recovering or shutting down. A socket that stays away for 10 s is not coming
      if (code === '57P03') unreachable = 0;
      else if (++unreachable > 500) return 'silent';
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  return 'silent';
}

async function chooseAddress(launcher: Launcher): Promise<Address> {
  if (process.platform === 'win32') return { host: '127.0.0.1', port: await freePort() };
  const host = await createRuntimeFolder(launcher.user !== undefined);
  await give(launcher, host);
  return { host, port: 5432 };
}

function listenSettings({ host, port }: Address): Record<string, string> {
  return host.startsWith('/')
    ? { listen_addresses: '', unix_socket_directories: host, unix_socket_permissions: '0700', port: `${port}` }
    : { listen_addresses: host, unix_socket_directories: '', port: `${port}` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

/** The server's own log. Bounded: what was there is kept once as `.old` when it has grown. */
async function openLog(home: string): ReturnType<typeof open> {
  const path = join(home, 'postgres.log');
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MAX_LOG_BYTES) await rename(path, `${path}.old`);
  return open(path, 'a', 0o600);
}
