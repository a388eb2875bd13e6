import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running PostgreSQL says of itself in `postmaster.pid` (pidfile.h of its sources: one item a line). */
export interface PostmasterFile {
  pid: number;
  port: number;
  /** Folder of its Unix socket; empty where there is none. */
  socketFolder: string;
}

/** Reads `postmaster.pid` of a cluster; undefined where there is none or it is not (yet) whole. */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(cluster, 'postmaster.pid'), 'latin1');
  } catch {
    return undefined;
  }
  const [pid, , , port, socketFolder] = text.split('\n', 5);
  if (!Number.isInteger(Number(pid)) || Number(pid) <= 1) return undefined;
  return { pid: Number(pid), port: Number(port ?? 0), socketFolder: socketFolder ?? '' };
}
