import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { run, temporaryFolder } from '../testing/run.ts';
import { type CommandServer, startServer } from '../testing/server.ts';

let server: CommandServer;
beforeAll(async () => {
  server = await startServer();
});

const MESSAGE = ['MSH|^~\\&|A|B|C|D|20260101||ADT^A08|M1|P|2.5.1', 'PID|1||42^^^HOSP^MR||Lee^Ka Yan||19900101|F'].join(
  '\r',
);
const convert = (...args: string[]) => run(['convert', ...args, ...server.options], server.environment);

test('prints what a file becomes, and stores nothing', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'note.bin');
  await writeFile(file, '# Plan\n\nrest');
  const text = await convert(file, '--to', 'text', '--type', 'text/markdown');
  expect([text.code, text.stdout]).toEqual([0, 'Plan\nrest\n']);
  await writeFile(file, MESSAGE);
  const fhir = await convert(file, '--out', join(folder, 'out.json'));
  expect([fhir.code, fhir.stdout]).toEqual([0, '']);
  expect(JSON.parse(await readFile(join(folder, 'out.json'), 'utf8'))).toMatchObject({ resourceType: 'Bundle' });
  expect((await convert(file, '--out', join(folder, 'out.json'))).stderr).toMatch(/exists/);
  expect(await server.count('Patient?identifier=42')).toBe(0);
});

test('files a folder of mixtures, each by its content, and says what could not be', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'below'));
  await writeFile(join(folder, 'a.txt'), MESSAGE);
  await writeFile(join(folder, 'below', 'b.json'), '{"resourceType":"Patient"}');
  const { code, stdout, stderr } = await convert(folder, '--store');
  expect(code).toBe(1);
  expect(stdout).toMatch(/a\.txt: hl7v2 by hl7v2-to-fhir: \d+ mapped.*Provenance\//);
  expect(stderr).toMatch(/b\.json: This is FHIR already/);
  expect(stderr).toMatch(/1 file of 2 could not be converted/);
  expect(await server.count('Patient?identifier=42')).toBe(1);
});

test('says what is wrong with the command', async () => {
  expect((await convert('nowhere.pdf')).stderr).toMatch(/cannot be read/);
  expect((await convert('x', '--to', 'docx')).code).toBe(1);
});
