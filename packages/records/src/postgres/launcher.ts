import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Binaries, copyBinaries, librariesLinked, linkLibraries, reachableByAll } from './binaries.ts';
import { DatabaseError } from './errors.ts';

/** `nobody` where the machine has no account called `meridian`. initdb needs a uid that has a name. */
const NOBODY = { uid: 65534, gid: 65534 };

/** A way to run PostgreSQL programs that they accept: never as root. */
export interface Launcher {
  strategy: 'same user' | 'unprivileged user' | 'user namespace';
  /** Where `bin/postgres` is reachable for the user it will run as. */
  binaries: string;
  /** The user to change to. */
  user?: { uid: number; gid: number };
  /** What to put before the program. */
  prefix: readonly string[];
  /** Whether the program is told `/proc/self/cwd` instead of the path of its working folder. */
  enters: boolean;
}

/**
 * Starts a program in `folder`; both outputs go to the open file `log`. It gets its own session: a Ctrl-C at the
 * terminal is for the parent, which stops the server when its requests are done.
 *
 * @param args is given the name by which the program finds its folder
 */
export function launch(
  launcher: Launcher,
  program: 'initdb' | 'postgres',
  args: (here: string) => readonly string[],
  folder: string,
  log: number,
): ChildProcess {
  const [file, ...rest] = command(launcher, program, args(launcher.enters ? '/proc/self/cwd' : folder));
  return spawn(file, rest, {
    // the child changes folder first and user second (libuv): that is what makes `enters` work
    cwd: folder,
    ...launcher.user,
    // nothing of ours: the environment may hold keys, and PG* variables would change what is started
    env: environment(),
    stdio: ['ignore', log, log],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
}

/** Gives a path to the user that the programs run as. */
export async function give(launcher: Launcher, path: string): Promise<void> {
  if (launcher.user) await chown(path, launcher.user.uid, launcher.user.gid);
}

/**
 * Finds a way to run PostgreSQL, in this order:
 *
 * 1. Not root: as the same user.
 * 2. Root: as an unprivileged user (`meridian` if there is such an account, else `nobody`; for an existing cluster its
 *    owner). The working folder is entered *before* the privileges are dropped and called `/proc/self/cwd`, so the data
 *    may lie below a folder that only root can enter. Programs have no such trick: where theirs is out of reach they
 *    are copied once to a place that is not.
 * 3. Root without a place for the copy, or not allowed to change user: in a user namespace, where root's files are
 *    owned by an ordinary-looking user.
 *
 * Each way is tried with `postgres --version` before it is believed.
 *
 * @param home the folder of the embedded server; takes a copy of the binaries where npm's cannot be completed
 * @param owner uid of the cluster that exists, else undefined
 */
export async function findLauncher(binaries: Binaries, home: string, owner: number | undefined): Promise<Launcher> {
  if (process.getuid?.() !== 0) return sameUser(binaries, home);
  if (owner !== 0) {
    const user = owner === undefined ? serviceAccount() : { uid: owner, gid: owner };
    for await (const folder of placesFor(binaries)) {
      const launcher = unprivileged(folder, user);
      if (runs(launcher)) return launcher;
    }
  }
  if (process.platform === 'linux' && (owner === undefined || owner === 0)) {
    await linkLibraries(binaries.folder).catch(() => undefined);
    const launcher = namespaced(binaries.folder);
    if (runs(launcher)) return launcher;
  }
  throw new DatabaseError(
    'cannot-run',
    'PostgreSQL refuses to run as root, and neither another user nor a user namespace can run it here: start Meridian ' +
      'as an ordinary user, or set MERIDIAN_DATABASE_URL.',
  );
}

async function sameUser(binaries: Binaries, home: string): Promise<Launcher> {
  let folder = binaries.folder;
  try {
    await linkLibraries(folder);
  } catch {
    folder = await copyBinaries(folder, join(home, `binaries-${binaries.version}`));
  }
  const launcher: Launcher = { strategy: 'same user', binaries: folder, prefix: [], enters: false };
  if (runs(launcher)) return launcher;
  throw new DatabaseError(
    'cannot-run',
    `The embedded PostgreSQL in ${folder} does not run on this machine: set MERIDIAN_DATABASE_URL to another one.`,
  );
}

/** For root only. */
export function unprivileged(binaries: string, user: { uid: number; gid: number }): Launcher {
  return { strategy: 'unprivileged user', binaries, user, prefix: [], enters: process.platform === 'linux' };
}

/** For root on Linux only: unshare(1) of util-linux. The files stay root's, who is called nobody inside. */
export function namespaced(binaries: string): Launcher {
  const prefix = ['unshare', '--user', `--map-user=${NOBODY.uid}`, `--map-group=${NOBODY.gid}`];
  return { strategy: 'user namespace', binaries, prefix, enters: true };
}

/** Folders with binaries that an unprivileged user may reach, best first; copies are made when they are asked for. */
async function* placesFor(binaries: Binaries): AsyncGenerator<string> {
  if (reachableByAll(binaries.folder)) {
    await linkLibraries(binaries.folder).catch(() => undefined);
    if (librariesLinked(binaries.folder)) yield binaries.folder;
  }
  const name = `meridian-postgres-${binaries.version}-${process.platform}-${process.arch}`;
  for (const parent of ['/var/cache', '/var/tmp', tmpdir(), '/tmp']) {
    if (!existsSync(parent) || !reachableByAll(parent)) continue;
    const copy = await copyBinaries(binaries.folder, join(parent, name)).catch(() => undefined);
    if (copy !== undefined) yield copy;
  }
}

/** The account made for this purpose (`useradd --system meridian`), or nobody. */
function serviceAccount(): { uid: number; gid: number } {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith('meridian:'));
    const [, , uid, gid] = line?.split(':') ?? [];
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  } catch {
    // no such file: nobody it is
  }
  return NOBODY;
}

/** Whether the program can be reached, loads its libraries and runs. */
export function runs(launcher: Launcher): boolean {
  const [file, ...args] = command(launcher, 'postgres', ['--version']);
  const options = { cwd: '/', ...launcher.user, env: environment(), timeout: 20_000, windowsHide: true };
  return spawnSync(file, args, { ...options, stdio: 'ignore' }).status === 0;
}

function command(launcher: Launcher, program: string, args: readonly string[]): [string, ...string[]] {
  const path = join(launcher.binaries, 'bin', program);
  const [first, ...more] = launcher.prefix;
  return first === undefined ? [path, ...args] : [first, ...more, path, ...args];
}

function environment(): NodeJS.ProcessEnv {
  const names = process.platform === 'win32' ? ['SystemRoot', 'PATH', 'TEMP', 'TMP'] : ['PATH'];
  const inherited = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...Object.fromEntries(inherited), LC_ALL: 'C', TZ: 'UTC' };
}
