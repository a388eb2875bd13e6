import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { filesBelow, keyOf, openStore, readAll } from './testing/blob-fixture.ts';

const owner = { patientId: 'p1' };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meridian-process-'));
});
afterEach(() => rm(folder, { recursive: true }));

function run(script: string, ...args: string[]) {
  const path = fileURLToPath(new URL(`./testing/${script}`, import.meta.url));
  return spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

it('streams 300 MB in and out in little memory', async () => {
  const size = 300_000_000;
  const child = run('measure-memory.ts', folder, String(size));
  const { read, grown } = JSON.parse(await text(child.stdout)) as { read: number; grown: number };
  expect(read).toBe(size);
  expect(grown).toBeLessThan(100_000_000);
});

it('loses nothing acknowledged to kill -9, and leaves only orphans, which a sweep removes', async () => {
  const lines: string[] = [];
  for (let round = 0; round < 6; round++) {
    const child = run('put-until-killed.ts', folder);
    const output = text(child.stdout);
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 60 + round * 37));
    child.kill('SIGKILL');
    lines.push(...(await output).split('\n').slice(0, -1));
  }
  const digests = (word: string) => lines.filter((line) => line.startsWith(word)).map((line) => line.slice(-64));
  const store = openStore(folder);
  expect(digests('done').length).toBeGreaterThan(6);
  for (const digest of digests('done')) {
    expect((await readAll(store, owner, digest))?.length).toBe((await store.stat(owner, digest))?.size);
  }
  const { deleted, damaged } = await store.sweep(Date.now() + 1e9, keyOf(owner));
  expect(deleted).toBeGreaterThan(0);
  expect(damaged).toEqual([]);
  for (const digest of digests('done')) expect(await store.stat(owner, digest)).toBeDefined();
  // Some that were never acknowledged may be whole. With them released nothing is left: the sweep took all the rest.
  for (const digest of digests('begun')) await store.release(owner, digest);
  expect(await filesBelow(folder)).toEqual([]);
});
