import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestJson, type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
let patient: string;
beforeAll(async () => {
  server = await testServer();
  const { json } = await server.call('POST', 'Patient', { resourceType: 'Patient', active: true });
  patient = `Patient/${json.id}`;
  for (const [code, day] of [
    ['8867-4', '01'],
    ['8867-4', '02'],
    ['2339-0', '03'],
  ] as const) {
    await server.call('POST', 'Observation', {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code }] },
      subject: { reference: patient },
      effectiveDateTime: `2026-01-${day}`,
    });
  }
});
afterAll(() => server?.close());

const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const parameterOf = (json: TestJson, name: string) =>
  (json.parameter as { name: string; [value: string]: unknown }[]).find((each) => each.name === name);

describe('$validate', () => {
  test('answers 200 with what is wrong, and stores nothing', async () => {
    const answer = await server.call('POST', 'Observation/$validate', { resourceType: 'Observation', status: 'no' });
    expect(answer.status).toBe(200);
    expect(answer.json.issue.some((issue) => issue.severity === 'error')).toBe(true);
    const fine = await server.call(
      'POST',
      'Patient/$validate',
      parameters({ name: 'resource', resource: { resourceType: 'Patient' } }),
    );
    expect(fine.json.issue.every((issue) => issue.severity !== 'error')).toBe(true);
    expect((await server.call('GET', `${patient}/$validate`)).status).toBe(200);
  });
});

test('$everything has the patient, what is about it, and pages', async () => {
  const all = await server.call('GET', `${patient}/$everything`);
  expect(all.json.entry.map((entry) => entry.resource.resourceType)).toEqual([
    'Patient',
    'Observation',
    'Observation',
    'Observation',
  ]);
  const page = await server.call('GET', `${patient}/$everything?_count=2`);
  const next = page.json.link.find((link) => link.relation === 'next')?.url ?? '';
  const second = await server.raw('GET', next.replace('http://localhost', ''));
  const ids = [...page.json.entry, ...second.json.entry].map((entry) => entry.resource.id);
  expect(new Set(ids)).toEqual(new Set(all.json.entry.map((entry) => entry.resource.id)));
  const period = await server.call('GET', `${patient}/$everything?start=2026-01-02&end=2026-01-02&_type=Observation`);
  expect(period.json.entry.length).toBe(1);
  expect((await server.call('GET', 'Patient/never/$everything')).status).toBe(404);
});

test('$lastn has the newest of each code', async () => {
  const answer = await server.call('GET', `Observation/$lastn?patient=${patient}&max=1`);
  expect(answer.json.entry.map((entry) => String(entry.resource.effectiveDateTime))).toEqual([
    '2026-01-03',
    '2026-01-02',
  ]);
  expect((await server.call('GET', 'Observation/$lastn')).status).toBe(400);
});

test('$meta shows, adds and deletes labels', async () => {
  const tag = { system: 'urn:test', code: 'vip' };
  const meta = parameters({ name: 'meta', valueMeta: { tag: [tag] } });
  expect((await server.call('POST', `${patient}/$meta-add`, meta)).status).toBe(200);
  expect(parameterOf((await server.call('GET', `${patient}/$meta`)).json, 'return')?.valueMeta).toMatchObject({
    tag: [tag],
  });
  expect((await server.call('GET', 'Patient?_tag=urn:test|vip')).json.entry.length).toBe(1);
  await server.call('POST', `${patient}/$meta-delete`, meta);
  expect((await server.call('GET', patient)).json.meta.tag).toBeUndefined();
});

describe('terminology', () => {
  const url = 'http://hl7.org/fhir/ValueSet/administrative-gender';
  test('$expand lists and filters', async () => {
    const answer = await server.call('GET', `ValueSet/$expand?url=${url}&filter=male&count=1`);
    expect(answer.json.expansion).toMatchObject({ total: 2, contains: [{ code: 'male' }] });
    expect((await server.call('GET', 'ValueSet/$expand?url=urn:none')).status).toBe(404);
  });

  test('$validate-code and $lookup', async () => {
    const system = 'http://hl7.org/fhir/administrative-gender';
    const good = await server.call('GET', `ValueSet/$validate-code?url=${url}&code=male&system=${system}`);
    expect(parameterOf(good.json, 'result')?.valueBoolean).toBe(true);
    const bad = await server.call('GET', `CodeSystem/$validate-code?url=${system}&code=none`);
    expect(parameterOf(bad.json, 'result')?.valueBoolean).toBe(false);
    const found = await server.call(
      'POST',
      'CodeSystem/$lookup',
      parameters({ name: 'coding', valueCoding: { system, code: 'male' } }),
    );
    expect(parameterOf(found.json, 'display')?.valueString).toBe('Male');
    expect((await server.call('GET', 'CodeSystem/$lookup?system=http://snomed.info/sct&code=1')).status).toBe(404);
  });

  test('a stored value set is expanded', async () => {
    const stored = await server.call('POST', 'ValueSet', {
      resourceType: 'ValueSet',
      status: 'active',
      url: 'urn:test:mine',
      compose: { include: [{ system: 'urn:codes', concept: [{ code: 'x' }] }] },
    });
    const byId = await server.call('GET', `ValueSet/${stored.json.id}/$expand`);
    const byUrl = await server.call('GET', 'ValueSet/$expand?url=urn:test:mine');
    expect([byId, byUrl].map((answer) => answer.json.expansion)).toMatchObject([{ total: 1 }, { total: 1 }]);
  });
});

test('the CapabilityStatement is valid and lists what is there, without a token', async () => {
  const answer = await server.raw('GET', '/fhir/metadata', undefined, { authorization: '' });
  expect(answer.status).toBe(200);
  const checked = await server.call('POST', 'CapabilityStatement/$validate', answer.json);
  expect(checked.json.issue.filter((issue) => issue.severity === 'error')).toEqual([]);
  const [rest] = answer.json.rest as {
    resource: { type: string; searchParam: { name: string }[]; operation?: { name: string }[] }[];
  }[];
  const observations = rest?.resource.find((resource) => resource.type === 'Observation');
  expect(observations?.searchParam.map(({ name }) => name)).toContain('combo-code');
  expect(observations?.operation?.map(({ name }) => name)).toContain('lastn');
});
