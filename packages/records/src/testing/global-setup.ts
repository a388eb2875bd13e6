import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { TestProject } from 'vitest/node';
import { livingOwner } from '../postgres/claim.ts';
import { startEmbedded } from '../postgres/embedded.ts';
import { migrate } from '../postgres/migrate.ts';
import { stopPostmaster } from '../postgres/postmaster.ts';
import { readPostmasterFile } from '../postgres/postmaster-file.ts';
import { processesOf } from '../postgres/process-identity.ts';
import { inDatabase, runOnce } from './connection.ts';
import { BROKER_KEY, type BrokerAnswer } from './protocol.ts';

const PREFIX = 'meridian-test-';

/**
 * Vitest global set-up: one PostgreSQL for all test files of a run, started when the first of them asks.
 *
 * Test files run in processes of their own; they ask over a socket, so that the server has one owner and ends with the
 * run. `MERIDIAN_TEST_DATABASE_URL` (a superuser's, or a role that may create databases) takes the place of the
 * embedded server.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  let server: Promise<TestServer> | undefined;
  const broker = createServer((socket) => {
    server ??= startServer(folder);
    void answer(socket, server);
  });
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\${folder.replaceAll('\\', '-')}` : join(folder, 'broker');
  await new Promise<void>((resolve, reject) => broker.once('error', reject).listen(path, resolve));
  project.provide(BROKER_KEY, path);
  return async () => {
    broker.close();
    await server?.then(
      (running) => running.stop(),
      () => undefined,
    );
    await rm(folder, { recursive: true, force: true });
  };
}

interface TestServer {
  answer: BrokerAnswer;
  stop(): Promise<void>;
}

async function answer(socket: Socket, server: Promise<TestServer>): Promise<void> {
  socket.on('error', () => undefined);
  try {
    socket.end(JSON.stringify((await server).answer));
  } catch (error) {
    socket.end(JSON.stringify({ error: error instanceof Error ? error.message : 'unknown' }));
  }
}

async function startServer(folder: string): Promise<TestServer> {
  const url = process.env.MERIDIAN_TEST_DATABASE_URL;
  if (url) {
    const connection = { connectionString: url };
    return withTemplate(connection, connection, async () => undefined);
  }
  // these databases live for a minute and need no care for power cuts; tests of durability start their own server
  const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '200' };
  const server = await startEmbedded({ dataFolder: folder, settings });
  return withTemplate(server.superuser, server.connection, () => server.stop());
}

async function withTemplate(
  admin: pg.ClientConfig,
  application: pg.ClientConfig,
  stop: () => Promise<void>,
): Promise<TestServer> {
  const template = `meridian_template_${process.pid}_${Date.now()}`;
  const owner = admin === application ? '' : ` OWNER ${application.user}`;
  await runOnce(admin, `CREATE DATABASE ${template}${owner}`);
  await migrate(inDatabase(application, template));
  return {
    answer: { admin, application, template },
    stop: async () => {
      await runOnce(admin, `DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
      await stop();
    },
  };
}

/** Stops and removes the servers of runs that were killed: nobody else ever would. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name);
    const cluster = join(folder, 'postgres', 'cluster');
    // a run that is just starting may not have claimed its folder yet
    const settled = name.startsWith(PREFIX) && isOurs(folder) && age(folder) > 60_000 && existsSync(cluster);
    if (!settled || (await livingOwner(join(folder, 'postgres', 'owners'))) !== undefined) continue;
    const server = await readPostmasterFile(cluster);
    if (server !== undefined && processesOf(cluster)?.includes(server.pid)) await stopPostmaster(server.pid);
    await rm(folder, { recursive: true, force: true });
  }
}

function isOurs(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.uid === (process.getuid?.() ?? 0);
}

function age(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}
