import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, temporaryFolder } from '../testing/run.ts';

const ARGS = ['population', '--patients', '3', '--seed', '7', '--years', '2', '--until', '2026-01-31'];

test('writes the same resources as one stream and by type', async () => {
  const folder = join(await temporaryFolder(), 'new');
  const stream = await run(ARGS);
  const files = await run([...ARGS, '--out', folder]);
  expect([stream.code, files.code]).toEqual([0, 0]);
  expect(files.stdout).toBe('');
  const names = await readdir(folder);
  const lines = await Promise.all(
    names.map(async (name) => (await readFile(join(folder, name), 'utf8')).trim().split('\n')),
  );
  expect(lines.flat().sort()).toEqual(stream.stdout.trim().split('\n').sort());
  for (const [i, name] of names.entries()) {
    for (const line of lines[i] ?? []) expect(`${JSON.parse(line).resourceType}.ndjson`).toBe(name);
  }
  expect((await run(ARGS)).stdout).toBe(stream.stdout);
});

test('refuses what is no number or date, in a sentence', async () => {
  expect(await run(['population', '--patients', 'many'])).toMatchObject({ code: 1, stdout: '' });
  const { code, stderr } = await run(['population', '--until', 'tomorrow']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^until must be a date[^\n]*\n$/);
});
