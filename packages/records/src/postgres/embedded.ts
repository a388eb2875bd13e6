import { statSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findBinaries } from './binaries.ts';
import { type Claim, claim } from './claim.ts';
import { type Credentials, createCredentials, readCredentials } from './credentials.ts';
import { DatabaseError } from './errors.ts';
import { initialiseCluster } from './initialise.ts';
import { findLauncher, type Launcher } from './launcher.ts';
import { adoptPostmaster, clientSettings, type Postmaster, startPostmaster, stopPostmaster } from './postmaster.ts';
import { isAlive } from './process-identity.ts';

/** Between two looks at the server, and the longest wait between starts of one that dies again and again. */
const LOOK_MS = 100;
const LONGEST_WAIT_MS = 10_000;
/** A server that lived so long died of something new. */
const CALM_MS = 60_000;

export interface EmbeddedOptions {
  /** `MERIDIAN_DATA`. The server keeps everything in `postgres/` below it. */
  dataFolder: string;
  /** Told in a sentence what happens, for operators; never holds record text. */
  log?: (message: string) => void;
  /** Settings of PostgreSQL that replace ours. */
  settings?: Readonly<Record<string, string>>;
}

/** A PostgreSQL server of our own, on a Unix socket that only its user and root reach (127.0.0.1 on Windows). */
export interface EmbeddedPostgres {
  /** Connection of the role `meridian`, owner of the database `meridian`. No superuser. */
  readonly connection: pg.ClientConfig;
  /** The same as a `postgresql://` URL. Holds the password: not for logs. */
  readonly connectionString: string;
  /** Connection of the superuser to the database `postgres`. */
  readonly superuser: pg.ClientConfig;
  /** Of the postmaster. Changes when the server died and was started again. */
  readonly pid: number;
  /** The server had been left running by a parent that died. */
  readonly adopted: boolean;
  /** How the binaries are run here; see launcher.ts. */
  readonly strategy: Launcher['strategy'];
  /** Stops the server (open transactions are rolled back) and gives the data folder free. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL of a data folder, setting it up the first time; or adopts the one that a killed parent
 * left running. While this process lives the server is watched, and started again at the same address should it die.
 *
 * The server does not end with this process: call `stop` before leaving. It does not keep this process alive either.
 *
 * Errors: `DatabaseError`.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataFolder = resolve(options.dataFolder);
  const home = join(dataFolder, 'postgres');
  const cluster = join(home, 'cluster');
  const log = options.log ?? (() => undefined);
  const binaries = findBinaries();
  await mkdir(home, { recursive: true, mode: 0o700 });
  const owned = await claim(join(home, 'owners'), dataFolder);
  try {
    const owner = statSync(cluster, { throwIfNoEntry: false })?.uid;
    if (owner !== undefined) await refuseOtherMajor(cluster, binaries.major);
    const launcher = await findLauncher(binaries, home, owner);
    const credentials = await credentialsFor(home, owner !== undefined);
    if (owner === undefined) {
      log('setting up the database');
      await initialiseCluster(home, launcher, credentials.superuser);
    }
    const orphan = await adoptPostmaster(cluster, credentials.superuser);
    const start = (address?: Postmaster['address']): Promise<Postmaster> =>
      startPostmaster(home, launcher, credentials.superuser, options.settings ?? {}, address);
    const server = orphan ?? (await start());
    await ensureDatabase(server, credentials);
    log(orphan ? `took over the running database (pid ${server.pid})` : `database started (pid ${server.pid})`);
    return watch({ server, adopted: orphan !== undefined, launcher, credentials, owned, log, start });
  } catch (error) {
    await owned.release();
    throw error;
  }
}

interface Running {
  server: Postmaster;
  adopted: boolean;
  launcher: Launcher;
  credentials: Credentials;
  owned: Claim;
  log: (message: string) => void;
  start: (address: Postmaster['address']) => Promise<Postmaster>;
}

/** The handle, and behind it the watch over the process. */
function watch({ server, adopted, launcher, credentials, owned, log, start }: Running): EmbeddedPostgres {
  const { address } = server;
  const connection = clientSettings(address, 'meridian', credentials.application, 'meridian');
  const stopping = new AbortController();
  let current = server;
  let alive = true;
  const watching = keepAlive();
  let stopped: Promise<void> | undefined;

  async function keepAlive(): Promise<void> {
    let deaths = 0;
    let since = Date.now();
    for (let wait = LOOK_MS; await pause(wait, stopping.signal); ) {
      alive = isAlive(current.pid);
      if (alive) {
        wait = LOOK_MS;
        if (Date.now() - since > CALM_MS) deaths = 0;
        continue;
      }
      deaths++;
      since = Date.now();
      // never for good: whoever mends the cause must not have to know that we stopped trying
      wait = Math.min(LOOK_MS * 2 ** deaths, LONGEST_WAIT_MS);
      log('the database server died; starting it again');
      try {
        current = await start(address);
        alive = true;
        log(`database started again (pid ${current.pid})`);
      } catch (error) {
        log(error instanceof DatabaseError ? error.message : 'the database could not be started again');
      }
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await watching;
    // the pid of a dead server may be somebody else's by now
    if (alive) await stopPostmaster(current.pid);
    if (address.host.startsWith('/')) await rm(address.host, { recursive: true, force: true });
    await owned.release();
    log('database stopped');
  }

  return {
    connection,
    connectionString: urlOf(connection),
    superuser: clientSettings(address, 'postgres', credentials.superuser, 'postgres'),
    get pid() {
      return current.pid;
    },
    adopted,
    strategy: launcher.strategy,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** False when it was cut short. Does not keep the process alive. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return delay(milliseconds, true, { signal, ref: false }).catch(() => false);
}

async function refuseOtherMajor(cluster: string, major: number): Promise<void> {
  const found = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => '');
  if (Number.parseInt(found, 10) === major) return;
  if (!/^\d+\s*$/.test(found)) {
    throw new DatabaseError('damaged', `${cluster} is not a PostgreSQL cluster: put it back from your backup.`);
  }
  throw new DatabaseError(
    'other-major',
    `${cluster} was written by PostgreSQL ${found.trim()}, this Meridian brings PostgreSQL ${major}. Nothing was ` +
      'changed. Export the records with the Meridian that wrote them and import them here into a new data folder, or ' +
      'convert the folder with pg_upgrade.',
  );
}

async function credentialsFor(home: string, clusterExists: boolean): Promise<Credentials> {
  const found = await readCredentials(home);
  if (found !== undefined) return found;
  if (!clusterExists) return createCredentials(home);
  const path = join(home, 'credentials.json');
  throw new DatabaseError('damaged', `${path} is missing, and the cluster opens with nothing else: put it back.`);
}

/** Makes the role and the database of the application, if a first start has not come so far. */
async function ensureDatabase(server: Postmaster, credentials: Credentials): Promise<void> {
  const client = new pg.Client(clientSettings(server.address, 'postgres', credentials.superuser, 'postgres'));
  await client.connect();
  try {
    const role = await client.query(`SELECT FROM pg_roles WHERE rolname = 'meridian'`);
    if (role.rowCount === 0) {
      await client.query(`CREATE ROLE meridian LOGIN PASSWORD ${client.escapeLiteral(credentials.application)}`);
    }
    const database = await client.query(`SELECT FROM pg_database WHERE datname = 'meridian'`);
    if (database.rowCount === 0) await client.query('CREATE DATABASE meridian OWNER meridian');
  } finally {
    await client.end();
  }
}

function urlOf({ user, password, host, port, database }: pg.ClientConfig): string {
  const secret = encodeURIComponent(String(password));
  return `postgresql://${user}:${secret}@localhost:${port}/${database}?host=${encodeURIComponent(String(host))}`;
}
