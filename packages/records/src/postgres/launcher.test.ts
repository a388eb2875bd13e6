import { cpSync, existsSync, lstatSync, readFileSync, unlinkSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Binaries, copyBinaries, findBinaries, librariesLinked, reachableByAll } from './binaries.ts';
import { initialiseCluster } from './initialise.ts';
import { findLauncher, type Launcher, namespaced, runs } from './launcher.ts';
import { clientSettings, startPostmaster, stopPostmaster } from './postmaster.ts';

const isRoot = process.getuid?.() === 0;
const namespacesAllowed = isRoot && process.platform === 'linux' && runs(namespaced(findBinaries().folder));

let base: string;
let home: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'meridian launcher '));
  home = join(base, 'postgres');
  await mkdir(home);
});

afterEach(() => rm(base, { recursive: true, force: true }));

describe.runIf(isRoot)('as root', () => {
  test('binaries and data below a folder that only root may enter: a copy of the binaries runs as someone else', async () => {
    const binaries = copyAsInstalledWithoutScripts(join(base, 'native'));
    expect(reachableByAll(binaries.folder)).toBe(false);
    const launcher = await findLauncher(binaries, home, undefined);
    try {
      expect(launcher.strategy).toBe('unprivileged user');
      expect(reachableByAll(launcher.binaries)).toBe(true);
      expect(lstatSync(launcher.binaries).mode & 0o022).toBe(0);
      const owner = await serves(launcher);
      expect(owner).not.toBe(0);
    } finally {
      await rm(launcher.binaries, { recursive: true });
    }
  });

  test('a cluster that root owns is served in a user namespace', async (context) => {
    context.skip(!namespacesAllowed, 'user namespaces are not allowed here');
    const launcher = await findLauncher(findBinaries(), home, 0);
    expect(launcher.strategy).toBe('user namespace');
    expect(await serves(launcher)).toBe(0);
  });

  test('a copy that others may write to is not used', async () => {
    const place = join(base, 'copy');
    await mkdir(place);
    await chmod(place, 0o777);
    await expect(copyBinaries(findBinaries().folder, place)).rejects.toMatchObject({ code: 'cannot-run' });
  });
});

test.runIf(process.platform === 'linux')(
  'library names that an install without scripts leaves out are made',
  async () => {
    const { folder } = copyAsInstalledWithoutScripts(join(base, 'native'));
    expect(librariesLinked(folder)).toBe(false);
    const copy = await copyBinaries(folder, join(base, 'copy'));
    expect(librariesLinked(copy)).toBe(true);
    expect(existsSync(join(base, `copy.${process.pid}.partial`))).toBe(false);
  },
);

/** The binaries as they are where `npm ci --ignore-scripts` put them. */
function copyAsInstalledWithoutScripts(folder: string): Binaries {
  const installed = findBinaries();
  cpSync(installed.folder, folder, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(readFileSync(join(folder, 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  for (const { target } of links) unlinkSync(join(folder, relative('native', target)));
  return { folder, version: `test-${process.pid}`, major: installed.major };
}

/** Sets a cluster up, starts it, asks it, stops it; the uid that owns its files. */
async function serves(launcher: Launcher): Promise<number> {
  await initialiseCluster(home, launcher, 'secret');
  const server = await startPostmaster(home, launcher, 'secret', {});
  const client = new pg.Client(clientSettings(server.address, 'postgres', 'secret', 'postgres'));
  await client.connect();
  const { rows } = await client.query('SELECT 1 AS one');
  await client.end();
  await stopPostmaster(server.pid);
  await rm(server.address.host, { recursive: true, force: true });
  expect(rows).toEqual([{ one: 1 }]);
  return lstatSync(join(home, 'cluster', 'PG_VERSION')).uid;
}
