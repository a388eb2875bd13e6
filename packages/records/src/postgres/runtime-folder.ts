import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reachableByAll } from './binaries.ts';
import { DatabaseError } from './errors.ts';

/** Bytes of a Unix socket's path, terminating zero excluded: 107 on Linux, 103 on macOS and BSD (`sun_path`). */
const MAX_SOCKET_PATH = 103;

/**
 * Makes a private folder (mode 0700, unguessable name) for the server's socket. Not in the data folder, whose path may
 * be too long, out of the server's reach, or on a file system without sockets.
 *
 * @param shared the server runs as another user, who must be able to walk there
 */
export async function createRuntimeFolder(shared: boolean): Promise<string> {
  const parents = shared ? ['/run', tmpdir(), '/tmp'] : [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp'];
  for (const parent of parents) {
    if (!parent || !existsSync(parent) || (shared && !reachableByAll(parent))) continue;
    if (Buffer.byteLength(join(parent, 'meridian-xxxxxx', '.s.PGSQL.5432')) > MAX_SOCKET_PATH) continue;
    try {
      return await mkdtemp(join(parent, 'meridian-'));
    } catch {
      // not ours to write in: the next one
    }
  }
  throw new DatabaseError(
    'cannot-run',
    'There is no folder for the socket of the embedded PostgreSQL: set TMPDIR to a writable folder with a short path.',
  );
}

/** Whether a folder has the form of one that `createRuntimeFolder` made. */
export function isRuntimeFolder(path: string): boolean {
  return /[\\/]meridian-[A-Za-z0-9]{6}$/.test(path);
}
