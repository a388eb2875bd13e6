import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestAnswer, type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server?.close());

const ASYNC = { prefer: 'respond-async' };
const pathOf = (url: unknown) => String(url).replace('http://localhost', '');

async function finished(status: string): Promise<TestAnswer> {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await server.raw('GET', status);
    if (answer.status !== 202) return answer;
    expect(answer.headers['x-progress']).toMatch(/resources/);
    await pause(50);
  }
  throw new Error('the job did not end');
}

async function startExport(path: string, body?: object): Promise<string> {
  const started = await server.call(body ? 'POST' : 'GET', path, body, ASYNC);
  expect(started.status).toBe(202);
  return pathOf(started.headers['content-location']);
}

const ndjson = (resources: object[]) => resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
const observation = (id: string, patient: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'Pulse' },
  subject: { reference: `Patient/${patient}` },
});

test('the exchange import counts what it stored and says why it refused the rest', async () => {
  const lines = ndjson([
    { resourceType: 'Patient', id: 'a', gender: 'female' },
    { resourceType: 'Patient', id: 'b' },
    { resourceType: 'Patient', id: 'bad', gender: 'nonsense' },
    observation('oa', 'a'),
    observation('ob', 'b'),
    { resourceType: 'Group', id: 'g', type: 'person', actual: true, member: [{ entity: { reference: 'Patient/a' } }] },
  ]);
  const type = { 'content-type': 'application/fhir+ndjson' };
  const answer = await server.raw('POST', '/exchange/import', lines, type);
  expect(answer.status).toBe(200);
  expect(answer.json.total).toEqual({ read: 6, created: 5, updated: 0, unchanged: 0, rejected: 1 });
  expect((answer.json.rejected as { index: number }[]).map((each) => each.index)).toEqual([2]);
  const again = await server.raw('POST', '/exchange/import', lines, type);
  expect(again.json.total).toEqual({ read: 6, created: 0, updated: 0, unchanged: 5, rejected: 1 });
});

test('an export shows the state of its start, at all three levels', async () => {
  const status = await startExport('$export?_type=Patient,Observation');
  await server.call('PUT', 'Patient/b', { resourceType: 'Patient', id: 'b', active: true });
  const manifest = await finished(status);
  expect(manifest.status).toBe(200);
  expect(manifest.json.output.map((file) => [file.type, file.count])).toEqual([
    ['Patient', 2],
    ['Observation', 2],
  ]);
  const file = await server.raw('GET', pathOf(manifest.json.output[0]?.url));
  expect(file.headers['content-type']).toBe('application/fhir+ndjson');
  const patients = file.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; active?: boolean });
  expect(patients.map(({ id, active }) => [id, active]).sort()).toEqual([
    ['a', undefined],
    ['b', undefined],
  ]);
  const group = await finished(await startExport('Group/g/$export?_type=Patient,Observation'));
  expect(group.json.output.map((each) => each.count)).toEqual([1, 1]);
  const parameters = {
    resourceType: 'Parameters',
    parameter: [{ name: 'patient', valueReference: { reference: 'Patient/b' } }],
  };
  const one = await finished(await startExport('Patient/$export', parameters));
  expect(one.json.output.map((each) => each.type)).toEqual(['Observation', 'Patient']);
});

test('an export is cancelled, belongs to who began it, and must be asynchronous', async () => {
  expect((await server.call('GET', '$export')).status).toBe(400);
  const status = await startExport('$export');
  const other = await server.running.tokens.mint({ actor: 'somebody', system: true, expiresInSeconds: 60 });
  expect((await server.raw('GET', status, undefined, { authorization: `Bearer ${other}` })).status).toBe(404);
  expect((await server.raw('DELETE', status)).status).toBe(202);
  expect((await server.raw('GET', status)).status).toBe(404);
});

test('a job goes on after a restart', async () => {
  const status = await startExport('$export?_type=Patient');
  await server.restart();
  const manifest = await finished(status);
  expect(manifest.json.output.map((file) => file.count)).toEqual([2]);
  expect((await server.raw('GET', pathOf(manifest.json.output[0]?.url))).text.trim().split('\n').length).toBe(2);
});

test('an end of one job takes nothing from another with equal files, nor from the Binary it was read from', async () => {
  const [one, other] = [await startExport('$export?_type=Group'), await startExport('$export?_type=Group')];
  await finished(one);
  const kept = await finished(other);
  expect((await server.raw('DELETE', one)).status).toBe(202);
  expect((await server.raw('GET', pathOf(kept.json.output[0]?.url))).status).toBe(200);
  const lines = ndjson(Array.from({ length: 2000 }, (_, i) => ({ resourceType: 'Patient', id: `many-${i}` })));
  const type = { 'content-type': 'application/fhir+ndjson' };
  const uploaded = await server.raw('POST', '/fhir/Binary', lines, type);
  const url = /Binary\/[^/]+/.exec(String(uploaded.headers.location))?.[0] ?? '';
  const part = [{ name: 'url', valueUrl: url }];
  const input = { resourceType: 'Parameters', parameter: [{ name: 'input', part }] };
  const started = await server.call('POST', '$import', input, ASYNC);
  const manifest = await finished(pathOf(started.headers['content-location']));
  expect(manifest.json.output).toEqual([{ type: 'Patient', count: 2000 }]);
  expect((await server.raw('GET', `/fhir/${url}`)).text).toBe(lines);
});

test('an asynchronous import takes lines, from the body or from a Binary, and lists what it refused', async () => {
  const lines = ndjson([
    { resourceType: 'Patient', id: 'c' },
    { resourceType: 'Patient', id: 'd', gender: 'nonsense' },
  ]);
  const type = { 'content-type': 'application/fhir+ndjson', ...ASYNC };
  const started = await server.raw('POST', '/fhir/$import', lines, type);
  expect(started.status).toBe(202);
  const manifest = await finished(pathOf(started.headers['content-location']));
  expect(manifest.json.output).toEqual([{ type: 'Patient', count: 1 }]);
  const [errors] = manifest.json.error as { url: string }[];
  expect((await server.raw('GET', pathOf(errors?.url))).text).toContain('line 2');
  expect((await server.call('GET', 'Patient/c')).status).toBe(200);
  const uploaded = await server.raw('POST', '/fhir/Binary', ndjson([{ resourceType: 'Patient', id: 'e' }]), type);
  const url = /Binary\/[^/]+/.exec(String(uploaded.headers.location))?.[0] ?? '';
  const input = (value: string) => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'input', part: [{ name: 'url', valueUrl: value }] }],
  });
  const second = await server.call('POST', '$import', input(url), ASYNC);
  expect((await finished(pathOf(second.headers['content-location']))).status).toBe(200);
  expect((await server.call('GET', 'Patient/e')).status).toBe(200);
  expect((await server.call('POST', '$import', input('http://elsewhere.example/x'), ASYNC)).status).toBe(422);
});
