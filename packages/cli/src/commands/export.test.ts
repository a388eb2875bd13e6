import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { tokenSource } from '../connection/access-token.ts';
import { Client } from '../connection/client.ts';
import { ExportFolder } from '../export/export-folder.ts';
import { runExport } from '../export/run-export.ts';
import { run, temporaryFolder } from '../testing/run.ts';
import { type CommandServer, startServer } from '../testing/server.ts';

interface Result {
  complete: boolean;
  files: { name: string; type: string; expected: number; written: number }[];
}

let server: CommandServer;
/** Resources by type, as they were imported. */
const imported = new Map<string, Set<string>>();

beforeAll(async () => {
  server = await startServer();
  const { stdout } = await run(['population', '--patients', '3', '--years', '3', '--until', '2026-01-31']);
  for (const line of stdout.trim().split('\n')) {
    const { resourceType, id } = JSON.parse(line) as { resourceType: string; id: string };
    imported.set(resourceType, (imported.get(resourceType) ?? new Set()).add(id));
  }
  const file = join(server.folder, 'population.ndjson');
  await writeFile(file, stdout);
  const { code, stderr } = await run(['import', ...server.options, file], server.environment);
  expect([code, stderr]).toEqual([0, '']);
});

async function exporting(folder: string, ...args: string[]) {
  return run(['export', folder, '--json', ...server.options, ...args], server.environment);
}

async function idsIn(path: string): Promise<Set<string>> {
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  return new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id));
}

test('writes every resource once, and leaves nothing behind at the server', async () => {
  const folder = join(await temporaryFolder(), 'new');
  const { code, stdout } = await exporting(folder);
  expect(code).toBe(0);
  const { complete, files } = JSON.parse(stdout) as Result;
  expect(complete).toBe(true);
  expect(files.map(({ type }) => type).sort()).toEqual([...imported.keys()].sort());
  for (const { name, type, expected, written } of files) {
    expect([type, written, expected]).toEqual([type, imported.get(type)?.size, imported.get(type)?.size]);
    expect(await idsIn(join(folder, name))).toEqual(imported.get(type));
  }
  expect((await readdir(folder)).sort()).toEqual(files.map(({ name }) => name).sort());
});

test('exports some types, and some patients', async () => {
  const folder = join(await temporaryFolder(), 'some');
  const [patient = ''] = imported.get('Patient') ?? [];
  const { code, stdout } = await exporting(folder, '--type', 'Patient,Observation', '--patient', patient);
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as Result).files.map(({ type }) => type).sort()).toEqual(['Observation', 'Patient']);
  expect(await idsIn(join(folder, 'Patient.ndjson'))).toEqual(new Set([patient]));
});

test('goes on with the files that are missing when it was killed', async () => {
  const folder = join(await temporaryFolder(), 'resumed');
  // the job without the command around it: nothing tidies up when it is stopped, as after a kill
  const stop = new AbortController();
  const request = { types: ['Patient', 'Organization'], patients: [] };
  const token = await tokenSource({ data: server.folder }, {}, Date.now);
  const patience = { total: 100, first: 1, longest: 1 };
  const client = new Client({ origin: server.running.url, token, patience, now: Date.now, signal: stop.signal });
  const onFile = () => stop.abort();
  const job = {
    client,
    folder: new ExportFolder(folder),
    request,
    onProgress: () => undefined,
    onFile,
    signal: stop.signal,
  };
  await expect(runExport(job)).rejects.toThrow();
  await client.close();
  const before = await readdir(folder);
  expect(before.filter((name) => name.endsWith('.ndjson'))).toHaveLength(1);

  expect((await exporting(folder, '--type', 'Basic')).stderr).toContain('unfinished export of something else');
  const { code, stdout } = await exporting(folder, '--type', 'Patient,Organization');
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as Result).complete).toBe(true);
  expect((await readdir(folder)).sort()).toEqual(['Organization.ndjson', 'Patient.ndjson']);
});

test('leaves nothing when it is cancelled', async () => {
  const folder = join(await temporaryFolder(), 'cancelled');
  const stop = new AbortController();
  const running = run(['export', folder, ...server.options], server.environment, stop.signal);
  const begun = async () => (await readdir(folder).catch((): string[] => [])).includes('.meridian-export.json');
  while (!(await begun())) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort();
  expect(await running).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('Cancelled') });
  expect(await readdir(folder)).toEqual([]);
});

test('does not write among other exports', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'Patient.ndjson'), '');
  expect(await exporting(folder)).toMatchObject({ code: 1, stderr: expect.stringContaining('choose another folder') });
});
