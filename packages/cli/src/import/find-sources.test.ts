import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { all } from '../testing/all.ts';
import { temporaryFolder } from '../testing/run.ts';
import { writeZip } from '../testing/write-zip.ts';
import { findSources } from './find-sources.ts';
import type { Source } from './source.ts';
import type { Unit } from './unit.ts';
import { unitsOf } from './units.ts';

const signal = new AbortController().signal;
const PATIENT = '{"resourceType":"Patient","id":"a"}';

async function unitsIn(source: Source | undefined): Promise<Unit[]> {
  return source === undefined ? [] : all(unitsOf(source));
}

test('finds files of every kind below a folder and in archives, in order, once each', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'b'));
  await symlink(folder, join(folder, 'b', 'back'));
  await writeFile(join(folder, 'a.json.gz'), gzipSync(PATIENT));
  await writeFile(join(folder, 'b', 'c.ndjson'), `${PATIENT}\n`);
  await writeFile(join(folder, 'notes.txt'), 'x');
  const inside = [
    { name: 'd/e.jsonl.gz', content: gzipSync(PATIENT) },
    { name: 'readme.md', content: Buffer.from('x') },
    { name: 'nested.zip', content: writeZip([]) },
  ];
  await writeFile(join(folder, 'z.ZIP'), writeZip(inside));
  const found = await findSources([folder], signal);
  expect(found.sources.map(({ name }) => name.slice(folder.length + 1))).toEqual([
    'a.json.gz',
    'b/c.ndjson',
    'z.ZIP/d/e.jsonl.gz',
  ]);
  for (const source of found.sources) {
    const [unit] = await unitsIn(source);
    expect(unit?.types).toEqual(['Patient']);
    expect(unit?.share).toBeCloseTo(source.size, 5);
  }
  expect(found.leftOut).toMatchObject([{ reason: expect.stringContaining('archive in an archive') }]);
  expect(Object.fromEntries(found.ignored)).toEqual({ '.md': 1, '.txt': 1 });
  found.close();
});

test('refuses a path that is not there or of another kind', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'scan.pdf'), 'x');
  await expect(findSources([join(folder, 'none')], signal)).rejects.toThrow('ENOENT');
  await expect(findSources([join(folder, 'scan.pdf')], signal)).rejects.toThrow('no .json');
});

test('refuses archives that inflate beyond measure before they do', async () => {
  const folder = await temporaryFolder();
  const zeros = Buffer.alloc(32 * 1024 * 1024, 0x20);
  await writeFile(join(folder, 'bomb.zip'), writeZip([{ name: 'a.json', content: zeros }]));
  await writeFile(join(folder, 'damaged.zip'), Buffer.from('PK\x03\x04 and nothing more'));
  const found = await findSources([folder], signal);
  expect(found.sources).toEqual([]);
  expect(found.leftOut.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('more than 200 times'),
    expect.stringContaining('damaged'),
  ]);
});

test('stops reading an entry that holds more than the directory said', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'liar.zip');
  const content = Buffer.from(`${PATIENT}\n`.repeat(20_000));
  await writeFile(path, writeZip([{ name: 'a.ndjson', content, claimedSize: 100 }]));
  const found = await findSources([path], signal);
  await expect(unitsIn(found.sources[0])).rejects.toThrow();
  found.close();
});

test.each([
  ['bomb.ndjson.gz', gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x0a)), 'more than 200 times'],
  ['cut.json.gz', gzipSync(PATIENT.repeat(100)).subarray(0, 40), 'too early'],
  ['damaged.json.gz', Buffer.from('no gzip'), 'damaged'],
  ['half.json', Buffer.from('{"resourceType":"Patient",'), 'not valid JSON'],
  ['other.json', Buffer.from('{"name":"x"}'), 'no FHIR resource'],
])('says what is wrong with %s', async (name, content, reason) => {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  const found = await findSources([path], signal);
  await expect(unitsIn(found.sources[0])).rejects.toThrow(reason);
});

test('reads lines in a .json file, and counts every entry of a Bundle', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'lines.json'), `${PATIENT}\n\n${PATIENT}\n`);
  const entry = [{ resource: { resourceType: 'Patient' } }, { request: { method: 'DELETE', url: 'Patient/1' } }];
  await writeFile(join(folder, 'bundle.json'), JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }));
  const found = await findSources([folder], signal);
  const [bundle, lines] = await Promise.all(found.sources.map(unitsIn));
  expect(bundle).toMatchObject([{ format: 'bundle', types: ['Patient', '(no FHIR type)'] }]);
  expect(lines).toMatchObject([{ format: 'ndjson', types: ['Patient', 'Patient'], indexes: [0, 2] }]);
});
