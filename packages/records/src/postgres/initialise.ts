import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseError } from './errors.ts';
import { give, type Launcher, launch } from './launcher.ts';
import { processesOf } from './process-identity.ts';

/** initdb takes about a second; this is for machines in trouble. */
const PATIENCE_MS = 120_000;

const UNFINISHED = 'cluster.new-';

/**
 * Makes an empty cluster at `<home>/cluster`, where none may be.
 *
 * initdb works in a folder of another name that is renamed when everything is written and synced: a cluster with its
 * right name is a whole one, and what a killed initdb left is recognised by its name and removed.
 */
export async function initialiseCluster(home: string, launcher: Launcher, password: string): Promise<void> {
  await removeUnfinished(home);
  const unfinished = await mkdtemp(join(home, UNFINISHED));
  const log = await open(join(home, 'initdb.log'), 'w', 0o600);
  try {
    const data = join(unfinished, 'data');
    const secret = join(unfinished, 'password');
    await mkdir(data, { mode: 0o700 });
    await writeFile(secret, password, { mode: 0o600 });
    for (const path of [data, secret, unfinished]) await give(launcher, path);
    const args = (here: string): string[] => [
      `--pgdata=${here}`,
      '--username=postgres',
      '--pwfile=../password',
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--data-checksums',
      '--no-instructions',
    ];
    const exitCode = await finish(launch(launcher, 'initdb', args, data, log.fd));
    if (exitCode !== 0) {
      const reason = `initdb ended with ${exitCode ?? 'a signal'}`;
      throw new DatabaseError('not-starting', `The database could not be set up: ${reason}; see ${home}/initdb.log.`);
    }
    await rename(data, join(home, 'cluster'));
    await syncFolder(home);
    await rm(join(home, 'initdb.log'), { force: true });
  } finally {
    await log.close();
    await rm(unfinished, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What a killed set-up left, its initdb first, which may not have noticed. */
async function removeUnfinished(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const folder = join(home, name);
    for (const pid of initdbOf(join(folder, 'data'))) kill(pid);
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

function initdbOf(data: string): number[] {
  return existsSync(data) ? (processesOf(data) ?? []) : [];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}

async function finish(child: ChildProcess): Promise<number | null> {
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  } catch (cause) {
    throw new DatabaseError('cannot-run', 'initdb of the embedded PostgreSQL could not be started.', cause);
  } finally {
    clearTimeout(timer);
  }
}

/** Makes a rename survive a power cut. Windows can neither do it nor needs it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
