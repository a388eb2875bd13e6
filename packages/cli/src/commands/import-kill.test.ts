import type { ChildProcess } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openServerKey, Tokens } from '@meridian/server';
import { request } from 'undici';
import { beforeAll, expect, test } from 'vitest';
import { exited, freePort, printed, run, start, temporaryFolder } from '../testing/run.ts';
import { type CommandServer, startServer } from '../testing/server.ts';

const FILES = 30;
const LINES = 400;

/** Observations of one patient, in so many files that a kill falls between them. */
async function writeRecords(folder: string, prefix: string): Promise<void> {
  await writeFile(join(folder, 'patient.json'), JSON.stringify({ resourceType: 'Patient', id: prefix }));
  for (let file = 0; file < FILES; file++) {
    const lines = Array.from({ length: LINES }, (_, i) =>
      JSON.stringify({
        resourceType: 'Observation',
        id: `${prefix}-${file}-${i}`,
        status: 'final',
        code: { text: 'x' },
        subject: { reference: `Patient/${prefix}` },
      }),
    );
    await writeFile(join(folder, `observations-${file}.ndjson`), lines.join('\n'));
  }
}

const EVERYTHING = FILES * LINES + 1;

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

let server: CommandServer;
beforeAll(async () => {
  server = await startServer();
});

async function goOn(folder: string): Promise<{ total: Record<string, number>; resumedUnits: number; byType: unknown }> {
  const { code, stdout, stderr } = await run(['import', '--json', ...server.options, folder], server.environment);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

test.each([
  ['SIGKILL', null],
  ['SIGINT', 130],
] as const)('goes on after %s without sending everything again, and stores nothing twice', async (signal, code) => {
  const folder = await temporaryFolder();
  const name = `stop-${signal.toLowerCase()}`;
  await writeRecords(folder, name);
  const child = start(['import', '--parallel', '1', ...server.options, folder], server.environment);
  const some = async () => (await server.count(`Observation?subject=Patient/${name}`)) >= 3 * LINES;
  await until(some);
  child.kill(signal);
  expect(await exited(child)).toBe(code);
  const stored = await server.count(`Observation?subject=Patient/${name}`);
  expect(stored).toBeLessThan(EVERYTHING - 1);

  const result = await goOn(folder);
  expect(result.resumedUnits).toBeGreaterThan(1);
  expect(result.total.read).toBe(EVERYTHING);
  // what was stored but not yet in the journal when the kill came is found unchanged
  expect(Number(result.total.created) + Number(result.total.unchanged)).toBe(EVERYTHING);
  expect(result.total.unchanged).toBeLessThanOrEqual(LINES);
  expect(await server.count(`Observation?subject=Patient/${name}`)).toBe(FILES * LINES);
  expect(await server.get(`/fhir/Observation/${name}-0-0`)).toMatchObject({ meta: { versionId: '1' } });
  expect(await readdir(join(server.folder, 'cache', 'meridian', 'import'))).toEqual([]);
});

async function startServe(port: number, data: string): Promise<ChildProcess> {
  const environment = { HOME: data, MERIDIAN_LOG: 'silent' };
  const child = start(['serve', '--no-demo', '--port', `${port}`, '--data', data], environment);
  await printed(child, /Ctrl-C stops/);
  return child;
}

test('waits for a server that was killed and is started again, and stores everything once', async () => {
  const [folder, data, port] = [await temporaryFolder(), await temporaryFolder(), await freePort()];
  await writeRecords(folder, 'crash');
  const first = await startServe(port, data);
  const options = ['--server', `http://127.0.0.1:${port}`, '--data', data];
  const importing = run(['import', '--json', '--parallel', '2', ...options, folder], { HOME: data });
  const tokens = new Tokens(await openServerKey(data), Date.now);
  const token = await tokens.mint({ actor: 'test', system: true, expiresInSeconds: 600 });
  const count = async () => {
    const url = `http://127.0.0.1:${port}/fhir/Observation?subject=Patient/crash&_summary=count`;
    const answer = await request(url, { headers: { authorization: `Bearer ${token}` } });
    return ((await answer.body.json()) as { total: number }).total;
  };
  await until(async () => (await count()) >= 3 * LINES);
  first.kill('SIGKILL');
  await exited(first);
  const second = await startServe(port, data);
  const { code, stdout, stderr } = await importing;
  expect([code, stderr]).toEqual([0, '']);
  const { total } = JSON.parse(stdout) as { total: Record<string, number> };
  expect(total.read).toBe(EVERYTHING);
  expect(Number(total.created) + Number(total.unchanged)).toBe(EVERYTHING);
  expect(await count()).toBe(FILES * LINES);
  second.kill('SIGTERM');
  expect(await exited(second)).toBe(0);
}, 180_000);
