import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestEntry, type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server?.close());

const patient = (family: string, more: object = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:test', value: family }],
  name: [{ family, given: ['Mei'] }],
  ...more,
});

const observation = (subject: string, value: number, code = '8867-4', date = '2026-01-02T03:04:05Z') => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference: subject },
  effectiveDateTime: date,
  valueQuantity: { value, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
});

const measured = (entry: TestEntry) => (entry.resource.valueQuantity as { value: number }).value;

describe('create, read, update, delete', () => {
  test('a created resource has Location, ETag and Last-Modified, and is read with the same bytes', async () => {
    const created = await server.call('POST', 'Patient', patient('Chan'));
    expect(created.status).toBe(201);
    expect(created.headers.location).toBe(`http://localhost/fhir/Patient/${created.json.id}/_history/1`);
    expect(created.headers.etag).toBe('W/"1"');
    const read = await server.call('GET', `Patient/${created.json.id}`);
    expect(read.status).toBe(200);
    expect(read.text).toBe(created.text);
    expect(read.headers['last-modified']).toBe(created.headers['last-modified']);
    expect(read.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
  });

  test('decimals keep their digits', async () => {
    const text = JSON.stringify(observation('Patient/nobody', 7)).replace('"value":7', '"value":7.50');
    const created = await server.call('POST', 'Observation', text);
    expect(created.status).toBe(201);
    expect((await server.call('GET', `Observation/${created.json.id}`)).text).toContain('"value":7.50');
  });

  test('Prefer chooses what a write answers', async () => {
    const minimal = await server.call('POST', 'Patient', patient('Minimal'), { prefer: 'return=minimal' });
    expect([minimal.status, minimal.text]).toEqual([201, '']);
    const outcome = await server.call('POST', 'Patient', patient('Outcome'), { prefer: 'return=OperationOutcome' });
    expect(outcome.json.resourceType).toBe('OperationOutcome');
  });

  test('an update makes a version, an equal one none, and a stale If-Match is refused', async () => {
    const { json } = await server.call('POST', 'Patient', patient('Update'));
    const changed = await server.call('PUT', `Patient/${json.id}`, { ...json, active: true }, { 'if-match': 'W/"1"' });
    expect([changed.status, changed.headers.etag]).toEqual([200, 'W/"2"']);
    const same = await server.call('PUT', `Patient/${json.id}`, changed.json);
    expect([same.status, same.headers.etag]).toEqual([200, 'W/"2"']);
    const stale = await server.call('PUT', `Patient/${json.id}`, { ...json, active: false }, { 'if-match': 'W/"1"' });
    expect([stale.status, stale.json.resourceType]).toEqual([412, 'OperationOutcome']);
  });

  test('an update creates under an id that the client chose', async () => {
    const made = await server.call('PUT', 'Patient/chosen-1', patient('Chosen', { id: 'chosen-1' }));
    expect([made.status, made.json.id]).toEqual([201, 'chosen-1']);
    expect((await server.call('GET', 'Patient/chosen-1')).status).toBe(200);
    expect((await server.call('PUT', 'Patient/chosen-1', patient('Other', { id: 'chosen-2' }))).status).toBe(400);
  });

  test('a deleted resource is gone with 410, its history stays, and deleting again is fine', async () => {
    const { json } = await server.call('POST', 'Patient', patient('Delete'));
    expect((await server.call('DELETE', `Patient/${json.id}`)).status).toBe(204);
    expect((await server.call('GET', `Patient/${json.id}`)).status).toBe(410);
    expect((await server.call('GET', `Patient/${json.id}/_history/1`)).status).toBe(200);
    expect((await server.call('DELETE', `Patient/${json.id}`)).status).toBe(204);
    const told = await server.call('DELETE', 'Patient/never-was', undefined, { prefer: 'return=OperationOutcome' });
    expect([told.status, told.json.resourceType]).toEqual([200, 'OperationOutcome']);
  });

  test('a read is conditional', async () => {
    const { json, headers } = await server.call('POST', 'Patient', patient('Conditional'));
    const path = `Patient/${json.id}`;
    expect((await server.call('GET', path, undefined, { 'if-none-match': 'W/"1"' })).status).toBe(304);
    expect((await server.call('GET', path, undefined, { 'if-none-match': 'W/"2"' })).status).toBe(200);
    const since = String(headers['last-modified']);
    expect((await server.call('GET', path, undefined, { 'if-modified-since': since })).status).toBe(304);
    const before = 'Mon, 01 Jan 2001 00:00:00 GMT';
    expect((await server.call('GET', path, undefined, { 'if-modified-since': before })).status).toBe(200);
  });

  test('an invalid resource is refused with the place of each fault', async () => {
    const wrong = await server.call('POST', 'Observation', { ...observation('Patient/1', 1), status: 'nonsense' });
    expect(wrong.status).toBe(400);
    expect(wrong.json.issue[0]?.expression[0]).toBe('Observation.status');
  });
});

describe('conditional writes', () => {
  test('If-None-Exist creates once', async () => {
    const headers = { 'if-none-exist': 'identifier=urn:test|once' };
    const first = await server.call('POST', 'Patient', patient('once'), headers);
    const second = await server.call('POST', 'Patient', patient('once'), headers);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.json.id).toBe(first.json.id);
  });

  test('a conditional update creates, then updates, and refuses several matches', async () => {
    const path = 'Patient?identifier=urn:test|cu';
    const made = await server.call('PUT', path, patient('cu'));
    const changed = await server.call('PUT', path, patient('cu', { active: true }));
    expect([made.status, changed.status, changed.headers.etag]).toEqual([201, 200, 'W/"2"']);
    expect(changed.json.id).toBe(made.json.id);
    await server.call('POST', 'Patient', patient('cu'));
    expect((await server.call('PUT', path, patient('cu'))).status).toBe(412);
    expect((await server.call('DELETE', path)).status).toBe(412);
  });

  test('twenty conditional updates at once make one resource', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        server.call('PUT', 'Patient?identifier=urn:test|race', patient('race', { multipleBirthInteger: i + 1 })),
      ),
    );
    const ids = new Set(answers.filter((answer) => answer.status < 300).map((answer) => answer.json.id));
    expect(ids.size).toBe(1);
    const found = await server.call('GET', 'Patient?identifier=urn:test|race&_total=accurate');
    expect(found.json.total).toBe(1);
  });

  test('a conditional delete deletes its one match', async () => {
    const { json } = await server.call('POST', 'Patient', patient('cd'));
    expect((await server.call('DELETE', 'Patient?identifier=urn:test|cd')).status).toBe(204);
    expect((await server.call('GET', `Patient/${json.id}`)).status).toBe(410);
    expect((await server.call('DELETE', 'Patient')).status).toBe(400);
  });
});

describe('patch', () => {
  test('JSON Patch and FHIRPath Patch change, and a failing test changes nothing', async () => {
    const { json } = await server.call('POST', 'Patient', patient('Patch'));
    const path = `Patient/${json.id}`;
    const type = { 'content-type': 'application/json-patch+json' };
    const added = await server.call('PATCH', path, [{ op: 'add', path: '/active', value: true }], type);
    expect([added.status, added.json.active]).toEqual([200, true]);
    const parameters = {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: 'replace' },
            { name: 'path', valueString: 'Patient.active' },
            { name: 'value', valueBoolean: false },
          ],
        },
      ],
    };
    const replaced = await server.call('PATCH', path, parameters);
    expect([replaced.status, replaced.json?.active]).toEqual([200, false]);
    const failed = await server.call('PATCH', path, [{ op: 'test', path: '/active', value: true }], type);
    expect(failed.status).toBe(422);
    expect((await server.call('GET', path)).headers.etag).toBe('W/"3"');
  });

  test('twenty patches at once are all kept', async () => {
    const { json } = await server.call('POST', 'Patient', patient('Many'));
    const type = { 'content-type': 'application/json-patch+json' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        server.call(
          'PATCH',
          `Patient/${json.id}`,
          [{ op: 'add', path: '/identifier/-', value: { system: 'urn:patch', value: String(i) } }],
          type,
        ),
      ),
    );
    const kept = answers.filter((answer) => answer.status === 200).length;
    const after = await server.call('GET', `Patient/${json.id}`);
    expect((after.json.identifier as unknown[]).length).toBe(1 + kept);
    expect(answers.every((answer) => answer.status === 200 || answer.status === 409)).toBe(true);
  });
});

describe('search', () => {
  test('finds, pages, counts, includes and projects', async () => {
    const { json } = await server.call('POST', 'Patient', patient('Searched'));
    const subject = `Patient/${json.id}`;
    for (let i = 0; i < 5; i++) {
      await server.call('POST', 'Observation', observation(subject, 60 + i, '8867-4', `2026-01-0${i + 1}T00:00:00Z`));
    }
    const path = `Observation?patient=${subject}&code=http://loinc.org|8867-4&_sort=-date&_count=2`;
    const first = await server.call('GET', path);
    expect(first.json.entry.map((entry) => measured(entry))).toEqual([64, 63]);
    const next = first.json.link.find((link) => link.relation === 'next')?.url ?? '';
    const second = await server.raw('GET', next.slice('http://localhost'.length));
    expect(second.json.entry.map((entry) => measured(entry))).toEqual([62, 61]);
    const counted = await server.call('GET', `Observation?patient=${subject}&_summary=count`);
    expect([counted.json.total, counted.json.entry]).toEqual([5, undefined]);
    const included = await server.call('GET', `Observation?patient=${subject}&_include=Observation:subject&_count=1`);
    expect(included.json.entry.map((entry) => entry.search.mode)).toEqual(['match', 'include']);
    const slim = await server.call('GET', `Observation?patient=${subject}&_elements=valueQuantity&_count=1`);
    expect(Object.keys(slim.json.entry[0]?.resource ?? {}).sort()).toEqual([
      'code',
      'id',
      'meta',
      'resourceType',
      'status',
      'valueQuantity',
    ]);
    expect(slim.json.entry[0]?.resource.meta.tag[0]?.code).toBe('SUBSETTED');
  });

  test('by POST, in a compartment, and at the base', async () => {
    const { json } = await server.call('POST', 'Patient', patient('Compartment'));
    await server.call('POST', 'Observation', observation(`Patient/${json.id}`, 1));
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const posted = await server.call('POST', 'Patient/_search', 'identifier=urn:test%7CCompartment', form);
    expect(posted.json.entry.length).toBe(1);
    const compartment = await server.call('GET', `Patient/${json.id}/Observation`);
    expect(compartment.json.entry.length).toBe(1);
    const all = await server.call('GET', `Patient/${json.id}/*`);
    expect(all.json.entry.length).toBeGreaterThanOrEqual(1);
    const base = await server.call('GET', `?_type=Patient,Observation&_id=${json.id}`);
    expect(base.json.entry.length).toBe(1);
  });

  test('an unknown parameter is a warning, and an error when handling is strict', async () => {
    const lenient = await server.call('GET', 'Patient?shoe-size=42');
    expect(lenient.status).toBe(200);
    expect(lenient.json.entry.at(-1)?.search.mode).toBe('outcome');
    expect((await server.call('GET', 'Patient?shoe-size=42', undefined, { prefer: 'handling=strict' })).status).toBe(
      400,
    );
  });
});

describe('history', () => {
  test('of a resource, a type and the system, newest first, in pages', async () => {
    const { json } = await server.call('POST', 'Basic', { resourceType: 'Basic', code: { text: 'one' } });
    await server.call('PUT', `Basic/${json.id}`, { ...json, code: { text: 'two' } });
    await server.call('DELETE', `Basic/${json.id}`);
    const all = await server.call('GET', `Basic/${json.id}/_history`);
    expect(all.json.entry.map((entry) => entry.request.method)).toEqual(['DELETE', 'PUT', 'POST']);
    expect(all.json.entry[0]?.resource).toBeUndefined();
    const page = await server.call('GET', 'Basic/_history?_count=2');
    expect(page.json.entry.length).toBe(2);
    const next = page.json.link.find((link) => link.relation === 'next')?.url ?? '';
    expect((await server.raw('GET', next.slice('http://localhost'.length))).json.entry.length).toBe(1);
    expect((await server.call('GET', '_history?_count=3')).json.entry.length).toBe(3);
    expect((await server.call('GET', 'Basic/never-was/_history')).status).toBe(404);
  });
});
