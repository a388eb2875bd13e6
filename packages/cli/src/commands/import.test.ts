import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ImportCounts } from '@meridian/records';
import { beforeAll, expect, test } from 'vitest';
import { freePort, run, temporaryFolder } from '../testing/run.ts';
import { type CommandServer, startServer } from '../testing/server.ts';
import { writeZip } from '../testing/write-zip.ts';

interface Result {
  complete: boolean;
  total: ImportCounts;
  byType: Record<string, ImportCounts>;
  rejected: { file: string; index: number; type?: string; issues: { code: string }[] }[];
  leftOut: { file: string }[];
  unaccounted: number;
}

let server: CommandServer;
beforeAll(async () => {
  server = await startServer();
});

async function importing(...args: string[]): Promise<{ code: number; stderr: string; result: Result }> {
  const { code, stdout, stderr } = await run(['import', '--json', ...server.options, ...args], server.environment);
  if (stdout === '') throw new Error(`It ended with ${code} and without a result: ${stderr}`);
  return { code, stderr, result: JSON.parse(stdout) as Result };
}

function patient(id: string, more: object = {}): string {
  return JSON.stringify({ resourceType: 'Patient', id, ...more });
}

test('takes files of every kind, and finds everything unchanged the second time', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'deep'));
  const observation = (i: number, subject: string) =>
    JSON.stringify({
      resourceType: 'Observation',
      id: `mixed-o${i}`,
      status: 'final',
      code: { text: 'x' },
      subject: { reference: subject },
    });
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ fullUrl: 'urn:uuid:9e7b8f4c-0000-4000-8000-0000000000b1', resource: JSON.parse(patient('mixed-b')) }],
  };
  const lines = Array.from({ length: 2500 }, (_, i) => observation(i, 'Patient/mixed-a'));
  await writeFile(join(folder, 'deep', 'observations.ndjson.gz'), gzipSync(lines.join('\n')));
  await writeFile(join(folder, 'single.json'), patient('mixed-a'));
  await writeFile(join(folder, 'bundle.json.gz'), gzipSync(JSON.stringify(bundle)));
  await writeFile(
    join(folder, 'archive.zip'),
    writeZip([{ name: 'c.json', content: Buffer.from(patient('mixed-c')) }]),
  );
  const first = await importing(folder);
  expect(first.result).toMatchObject({ complete: true, unaccounted: 0, leftOut: [] });
  expect(first.code).toBe(0);
  expect(first.result.byType).toEqual({
    Observation: { read: 2500, created: 2500, updated: 0, unchanged: 0, rejected: 0 },
    Patient: { read: 3, created: 3, updated: 0, unchanged: 0, rejected: 0 },
  });
  const again = await importing(folder);
  expect(again.result.total).toEqual({ read: 2503, created: 0, updated: 0, unchanged: 2503, rejected: 0 });
  expect(await server.count('Observation?subject=Patient/mixed-a')).toBe(2500);
});

test('tells what was rejected or could not be read, stores the rest, and ends with 1', async () => {
  const folder = await temporaryFolder();
  const secret = 'SecretFamilyName';
  const lines = [
    patient('rest-a'),
    patient('rest-b', { gender: secret }),
    `{"resourceType":"Patient","name":"${secret}`,
    '',
    patient('rest-c'),
    `{"resourceType":"${secret}"}`,
  ];
  await writeFile(join(folder, 'patients.ndjson'), lines.join('\n'));
  await writeFile(join(folder, 'broken.json'), `{"resourceType":"Patient","name":"${secret}`);
  await writeFile(join(folder, 'cut.ndjson.gz'), gzipSync(`${patient('rest-d')}\n`.repeat(10)).subarray(0, 30));
  const rejects = join(folder, 'rejects.out');
  const { code, stderr, result } = await importing(folder, '--rejects', rejects);
  expect(code).toBe(1);
  expect(stderr).toBe('Not everything was imported: 3 resources rejected, 2 files left out.\n');
  expect(result.total).toEqual({ read: 5, created: 2, updated: 0, unchanged: 0, rejected: 3 });
  expect(result.leftOut.map(({ file }) => file.slice(folder.length + 1))).toEqual(['broken.json', 'cut.ndjson.gz']);
  const written = (await readFile(rejects, 'utf8')).trim().split('\n');
  expect(written.map((line) => JSON.parse(line))).toEqual(result.rejected);
  expect(result.rejected.map(({ index, type }) => [index, type])).toEqual([
    [1, 'Patient'],
    [2, 'Patient'],
    [5, '(no FHIR type)'],
  ]);
  const people = await run(['import', ...server.options, folder], server.environment);
  expect(people.stdout).toContain('patients.ndjson #1 Patient/rest-b');
  for (const text of [JSON.stringify(result), people.stdout, people.stderr]) expect(text).not.toContain(secret);
});

test('what refers to something that comes later is tried once more', async () => {
  const folder = await temporaryFolder();
  const reference = { reference: 'Organization?identifier=https://example.org/late|1' };
  const organization = {
    resourceType: 'Organization',
    id: 'late-org',
    identifier: [{ system: 'https://example.org/late', value: '1' }],
  };
  const lines = [
    patient('late-a', { managingOrganization: reference }),
    patient('late-b'),
    JSON.stringify({ ...organization, name: 'x' }),
  ];
  await writeFile(join(folder, 'all.ndjson'), lines.join('\n'));
  const { code, result } = await importing(folder);
  expect(result.total).toEqual({ read: 3, created: 3, updated: 0, unchanged: 0, rejected: 0 });
  expect(code).toBe(0);
  expect(await server.get('/fhir/Patient/late-a')).toMatchObject({
    managingOrganization: { reference: 'Organization/late-org' },
  });
});

test('divides a large Bundle, whose references still hold', async () => {
  const folder = await temporaryFolder();
  const urn = 'urn:uuid:9e7b8f4c-0000-4000-8000-0000000000c1';
  const div = `<div xmlns="http://www.w3.org/1999/xhtml">${'long '.repeat(200_000)}</div>`;
  const observation = (i: number) => ({
    resourceType: 'Observation',
    id: `large-${i}`,
    text: { status: 'generated', div },
    status: 'final',
    code: { text: 'x' },
    subject: { reference: urn },
  });
  const entry = [
    ...Array.from({ length: 5 }, (_, i) => ({ resource: observation(i) })),
    { fullUrl: urn, resource: { resourceType: 'Patient' } },
  ];
  await writeFile(join(folder, 'large.json'), JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }));
  const { code, result } = await importing(folder);
  expect([code, result.total.created]).toEqual([0, 6]);
  const subject = { reference: 'Patient/9e7b8f4c-0000-4000-8000-0000000000c1' };
  expect(await server.get('/fhir/Observation/large-0')).toMatchObject({ subject });
  expect(await server.get(`/fhir/${subject.reference}`)).toMatchObject({ resourceType: 'Patient' });
});

test('counts without sending', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.json'), patient('dry-run'));
  const { code, stdout } = await run(['import', '--dry-run', folder]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Patient +1 /m);
  expect(await server.get('/fhir/Patient/dry-run')).toMatchObject({ resourceType: 'OperationOutcome' });
});

test.each([
  ['a token that is not the server’s', ['--token', 'a.b.c'], 'does not accept the token'],
  ['a path that is not there', ['/nowhere/at/all'], 'does not exist'],
])('refuses %s in one sentence', async (_, args, sentence) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.json'), patient('refused'));
  const { code, stderr } = await run(['import', ...server.options, folder, ...args], server.environment);
  expect(code).toBe(1);
  expect(stderr).toContain(sentence);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('a token that may only read imports nothing', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.json'), patient('forbidden'));
  const token = await server.running.tokens.mint({
    actor: 'x',
    system: true,
    expiresInSeconds: 60,
    scope: 'system/*.rs',
  });
  const { code, stderr } = await run(['import', ...server.options, folder, '--token', token], server.environment);
  expect([code, stderr]).toEqual([1, expect.stringContaining('does not allow this')]);
});

test('says how to start a server where there is none', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.json'), patient('nobody'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const { code, stderr } = await run(['import', folder, '--server', url, '--token', 'a.b.c']);
  expect(code).toBe(1);
  expect(stderr).toBe(
    `No Meridian server answers at ${url}; start one with \`npx meridian serve\`, or name another with --server.\n`,
  );
});

const synthea = join(import.meta.dirname, '../../../../../shared/data/samples/synthea/r4-2021');

test.skipIf(!existsSync(synthea))(
  'takes every resource of every Synthea bundle (../shared/data/samples/synthea/r4-2021)',
  async () => {
    const expected: Record<string, number> = {};
    for (const name of await readdir(synthea)) {
      const bundle = JSON.parse(gunzipSync(await readFile(join(synthea, name))).toString('utf8'));
      for (const { resource } of bundle.entry)
        expected[resource.resourceType] = (expected[resource.resourceType] ?? 0) + 1;
    }
    const { code, result } = await importing(synthea);
    expect(result.rejected).toEqual([]);
    expect(Object.fromEntries(Object.entries(result.byType).map(([type, { created }]) => [type, created]))).toEqual(
      Object.fromEntries(Object.entries(expected).sort()),
    );
    expect(code).toBe(0);
    expect(await server.count('ExplanationOfBenefit')).toBe(expected.ExplanationOfBenefit);
  },
  600_000,
);
