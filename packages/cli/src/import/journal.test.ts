import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/run.ts';
import { noCounts } from './counts.ts';
import { Journal } from './journal.ts';
import { fileSource } from './source.ts';
import type { Unit } from './unit.ts';

function unitOf(text: string): Unit {
  const source = fileSource('a.ndjson', 'ndjson', 1);
  return { source, ordinal: 0, format: 'ndjson', body: Buffer.from(text), types: [], indexes: [], share: 0 };
}

test('remembers units by their content until the job ends, and holds no record text', async () => {
  const folder = await temporaryFolder();
  const stored = new Map([['Patient', { ...noCounts(), read: 1, created: 1 }]]);
  const first = Journal.open(folder, ['key', 'path']);
  expect(first.stored(unitOf('secret'))).toBeUndefined();
  first.add(unitOf('secret'), stored);
  first.close();
  const [name = ''] = await readdir(folder);
  expect(await readFile(join(folder, name), 'utf8')).not.toContain('secret');
  // a kill in the middle of a line
  await appendFile(join(folder, name), '["0123', 'utf8');

  const again = Journal.open(folder, ['key', 'path']);
  expect(again.stored(unitOf('secret'))).toEqual(stored);
  expect(again.stored(unitOf('other'))).toBeUndefined();
  const other = Journal.open(folder, ['another key', 'path']);
  expect(other.stored(unitOf('secret'))).toBeUndefined();
  other.remove();
  again.remove();
  expect(await readdir(folder)).toEqual([]);
});
