import pg from 'pg';
import { startEmbedded } from './embedded.ts';
import { DatabaseError } from './errors.ts';

/** The oldest PostgreSQL whose SQL we write. */
const OLDEST_MAJOR = 15;

export interface OpenOptions {
  /** `MERIDIAN_DATABASE_URL`: any PostgreSQL 15 or newer. Without it the embedded server of `dataFolder` is started. */
  databaseUrl?: string;
  /** `MERIDIAN_DATA`. */
  dataFolder: string;
  /** Told in a sentence what happens, for operators; never holds record text. */
  log?: (message: string) => void;
}

export interface PoolOptions {
  /** Connections at most. Default 10. */
  size?: number;
  /** Shown in `pg_stat_activity`. Default `meridian`. */
  name?: string;
  /** Milliseconds a statement may take; 0 for no end. Default 60,000. */
  statementTimeout?: number;
}

/** A PostgreSQL database, ours or yours. */
export interface Database {
  /** Settings of one connection, for `pg.Client`. */
  readonly connection: pg.ClientConfig;
  /** `server_version_num`, such as 180004. */
  readonly serverVersion: number;
  readonly embedded: boolean;
  /** A new pool; it is ended by `close`, if not before. */
  pool(options?: PoolOptions): pg.Pool;
  /** Ends the pools, and stops the server if it is the embedded one. */
  close(): Promise<void>;
}

/**
 * Opens the database that the environment asks for, without migrating it (see migrate.ts).
 *
 * Errors: `DatabaseError`; whatever `pg` says if the URL leads nowhere.
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  if (options.databaseUrl) return connectDatabase({ connectionString: options.databaseUrl });
  const { dataFolder, log } = options;
  const server = await startEmbedded({ dataFolder, ...(log && { log }) });
  try {
    const database = await connectDatabase(server.connection, () => server.stop());
    return { ...database, embedded: true };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * A database that is running. Checks its version, and that a commit which was answered is on the disk.
 *
 * @param atClose called when all pools have ended
 */
export async function connectDatabase(connection: pg.ClientConfig, atClose?: () => Promise<void>): Promise<Database> {
  const { serverVersion, weak } = await inspect(connection);
  const pools = new Set<pg.Pool>();
  return {
    connection,
    serverVersion,
    embedded: false,
    pool: (options = {}) => {
      const pool = new pg.Pool({ ...connection, ...poolSettings(options, weak) });
      // an idle connection that breaks is replaced at the next use, which reports what still is wrong by then
      pool.on('error', () => undefined);
      // the pool takes its own listener off while a client is lent out; a connection that breaks then rejects what runs
      // on it, and must not end the process besides
      pool.on('connect', (client) => client.on('error', () => undefined));
      pools.add(pool);
      return pool;
    },
    close: async () => {
      await Promise.all([...pools].filter((pool) => !pool.ended).map((pool) => pool.end()));
      await atClose?.();
    },
  };
}

function poolSettings(options: PoolOptions, weak: boolean): pg.PoolConfig {
  return {
    max: options.size ?? 10,
    application_name: options.name ?? 'meridian',
    statement_timeout: options.statementTimeout ?? 60_000,
    idle_in_transaction_session_timeout: 60_000,
    connectionTimeoutMillis: 30_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    // a stronger setting of the operator's (remote_apply) is left alone
    ...(weak && { options: '-c synchronous_commit=on' }),
  };
}

async function inspect(connection: pg.ClientConfig): Promise<{ serverVersion: number; weak: boolean }> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 30_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string; sync: string }>(
      `SELECT current_setting('server_version_num') AS version, current_setting('synchronous_commit') AS sync`,
    );
    const [row] = rows;
    const serverVersion = Number(row?.version);
    if (!(serverVersion >= OLDEST_MAJOR * 10_000)) {
      throw new DatabaseError(
        'unsupported-server',
        `The database server is PostgreSQL ${Math.floor(serverVersion / 10_000)}: Meridian needs ${OLDEST_MAJOR} or newer.`,
      );
    }
    return { serverVersion, weak: row?.sync === 'off' || row?.sync === 'local' };
  } finally {
    await client.end();
  }
}
