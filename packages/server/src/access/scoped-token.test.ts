import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  const put = (resource: { resourceType: string; id: string }) =>
    server.call('PUT', `${resource.resourceType}/${resource.id}`, resource);
  await put({ resourceType: 'Patient', id: 'p' });
  await put(observation('lab', 'laboratory'));
  await put(observation('vital', 'vital-signs'));
});
afterAll(() => server.close());

function observation(id: string, category: string) {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }] }],
    code: { text: id },
    subject: { reference: 'Patient/p' },
  };
}

async function get(scope: string, path: string) {
  const token = await server.running.tokens.mint({ actor: 'program', system: true, expiresInSeconds: 60, scope });
  return server.call('GET', path, undefined, { authorization: `Bearer ${token}` });
}

const ids = (json: { entry?: { resource: { id: string } }[] }) => (json.entry ?? []).map(({ resource }) => resource.id);

test('a scope with a search admits what the search finds, by every way', async () => {
  const scope = 'system/Observation.rs?category=laboratory';
  expect((await get(scope, 'Observation/lab')).status).toBe(200);
  expect((await get(scope, 'Observation/vital')).status).toBe(404);
  const found = await get(scope, 'Observation?_total=accurate');
  expect([ids(found.json), found.json.total]).toEqual([['lab'], 1]);
  expect(ids((await get(scope, 'Observation?_id=vital')).json)).toEqual([]);
});

test('a scope for one type does not let others in as includes', async () => {
  const json = (await get('system/Patient.rs', 'Patient?_id=p&_revinclude=Observation:subject')).json;
  expect(ids(json)).toEqual(['p']);
  const forward = (await get('system/Observation.rs', 'Observation?_id=lab&_include=Observation:subject')).json;
  expect(ids(forward)).toEqual(['lab']);
});

test('a scope for one type does not let others be probed by chains', async () => {
  const scope = 'system/Patient.rs';
  expect(ids((await get(scope, 'Patient?_has:Observation:subject:status=final')).json)).toEqual([]);
  expect(ids((await get('system/Observation.rs', 'Observation?subject:Patient._id=p')).json)).toEqual([]);
});
