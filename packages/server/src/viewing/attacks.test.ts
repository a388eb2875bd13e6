import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccount, type DpopClient, dpopClient } from '../testing/dpop-client.ts';
import { type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
let mine: DpopClient;
let doctor: DpopClient;
let admin: DpopClient;

beforeAll(async () => {
  server = await testServer();
  const put = (resource: { resourceType: string; id: string; [element: string]: unknown }) =>
    server.call('PUT', `${resource.resourceType}/${resource.id}`, resource);
  for (const id of ['mine', 'other']) {
    await put({ resourceType: 'Patient', id, name: [{ family: `Family${id}` }] });
    await put({
      resourceType: 'Condition',
      id: `${id}-c`,
      subject: { reference: `Patient/${id}` },
      code: { text: id },
    });
  }
  await put({ resourceType: 'Practitioner', id: 'd1', name: [{ family: 'Wong' }] });
  const accounts = [
    { username: 'mine', resource: 'Patient/mine', roles: ['patient'] },
    {
      username: 'doc',
      resource: 'Practitioner/d1',
      roles: ['western-practitioner'],
      registrations: ['western-medicine'],
      organizations: ['hospital'],
    },
    { username: 'admin', resource: 'Practitioner/a1', roles: ['administrator'] },
  ];
  const passwords = await Promise.all(accounts.map((account) => createAccount(server, account)));
  [mine, doctor, admin] = (await Promise.all(
    accounts.map(({ username }, i) => dpopClient(server, username, passwords[i] as string)),
  )) as [DpopClient, DpopClient, DpopClient];
});
afterAll(() => server.close());

const ids = (json: { entry?: { resource: { id: string } }[] }) =>
  (json.entry ?? []).map(({ resource }) => resource.id).sort();

describe("another's record", () => {
  test.each([
    'Condition?patient=mine&patient=other',
    'Condition?patient=mine,other',
    'Condition?subject=Patient/mine,Patient/other',
    'Condition?patient=mine&subject:Patient=other',
    'Condition',
    'Condition?patient.name=Family',
    'Condition?_id=mine-c,other-c',
    'Condition?_sort=-_lastUpdated&_total=accurate',
  ])('%s shows nothing of it', async (search) => {
    const { json, status } = await mine.call('GET', `/fhir/${search}`);
    expect(status).toBe(200);
    expect(ids(json)).not.toContain('other-c');
    if (json.total !== undefined) expect(json.total).toBe(1);
  });

  test.each([
    'Patient?_has:Condition:patient:code:text=other',
    'Patient?name=Familyother',
    'Patient?_revinclude=Condition:patient&_id=other',
    'Patient/other/$everything',
    'Patient/other/Condition',
  ])('%s says the same as for nobody', async (path) => {
    const [hidden, absent] = await Promise.all([
      mine.call('GET', `/fhir/${path}`),
      mine.call('GET', `/fhir/${path.replaceAll('other', 'nobody')}`),
    ]);
    expect(hidden.status).toBe(absent.status);
    expect(ids(hidden.json)).toEqual(ids(absent.json));
  });

  test.each(['GET', 'PUT', 'DELETE'])('%s of a hidden id is answered as of one that is not there', async (method) => {
    const of = async (id: string) => {
      const body =
        method === 'PUT' ? { resourceType: 'Condition', id, subject: { reference: 'Patient/mine' } } : undefined;
      const { status, text } = await mine.call(method, `/fhir/Condition/${id}`, body);
      return [status, text.replaceAll(id, 'ID')];
    };
    expect(await of('other-c')).toEqual(await of('never-there'));
    expect((await server.call('GET', 'Condition/other-c')).status).toBe(200);
  });

  test.each([
    ['GET', '/viewing/requests?patient=other'],
    ['GET', '/viewing/grants?patient=other'],
    ['GET', '/viewing/preferences/other'],
    ['GET', '/tokens/health-links?patient=other'],
    ['GET', '/fhir/AuditEvent?patient=other'],
    ['GET', '/ledger/chain/other'],
  ])('%s %s is refused or empty', async (method, path) => {
    const { status, json } = await mine.call(method, path);
    if (status === 200) expect(Object.values(json)).toEqual([[]]);
    else expect(status).toBe(403);
  });

  test('a consent cannot be given for somebody else', async () => {
    const consent = {
      resourceType: 'Consent',
      status: 'active',
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      patient: { reference: 'Patient/other' },
      policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    };
    expect((await mine.call('POST', '/fhir/Consent', consent)).status).toBe(403);
    expect((await doctor.call('POST', '/fhir/Consent', consent)).status).toBe(403);
  });
});

describe('more than one was given', () => {
  const asked = { patient: 'mine', purpose: 'TREAT', words: 'Second opinion', minutes: 60 };

  test.each([
    { state: 'approved' },
    { voices: [{ account: 'x', group: 'patient', at: 0, decision: 'approve' }] },
    { approvers: [] },
    { requester: { actor: 'Practitioner/d9' } },
    { __proto__x: 1 },
  ])('a request cannot bring its own %j', async (more) => {
    expect((await doctor.call('POST', '/viewing/requests', { ...asked, ...more })).status).toBe(400);
  });

  test('who asks cannot approve, and cannot widen what was approved', async () => {
    const { json } = await doctor.call('POST', '/viewing/requests', { ...asked, scope: { types: ['Condition'] } });
    const own = await doctor.call('POST', `/viewing/requests/${json.id}/decision`, { decision: 'approve' });
    expect(own.status).toBe(404);
    const wider = { decision: 'approve', scope: { types: ['Condition', 'Observation'] } };
    expect((await mine.call('POST', `/viewing/requests/${json.id}/decision`, wider)).status).toBe(400);
    await mine.call('POST', `/viewing/requests/${json.id}/decision`, { decision: 'refuse' });
  });

  test('a grant approved for one purpose and type opens nothing else', async () => {
    const { json } = await doctor.call('POST', '/viewing/requests', { ...asked, scope: { types: ['Observation'] } });
    const decided = await mine.call('POST', `/viewing/requests/${json.id}/decision`, { decision: 'approve' });
    const { json: collected } = await doctor.call('POST', '/tokens/viewing', { grant: decided.json.grant });
    const token = { 'viewing-token': String(collected.token) };
    expect((await doctor.call('GET', '/fhir/Condition/mine-c', undefined, token)).status).toBe(404);
    expect(ids((await doctor.call('GET', '/fhir/Condition?patient=mine', undefined, token)).json)).toEqual([]);
  });

  test('an administrator sees no record, and cannot make themself a clinician', async () => {
    expect(ids((await admin.call('GET', '/fhir/Condition')).json)).toEqual([]);
    const { json } = await admin.call('GET', '/oauth/account');
    const changed = await admin.call('PUT', `/oauth/accounts/${json.id}`, {
      username: 'admin',
      name: 'Admin',
      resource: 'Practitioner/a1',
      roles: ['administrator', 'western-practitioner'],
      registrations: ['western-medicine'],
    });
    expect(changed.status).toBeGreaterThanOrEqual(400);
  });

  test('a patient cannot lower a label that somebody set', async () => {
    const labelled = {
      resourceType: 'Condition',
      id: 'labelled',
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
      subject: { reference: 'Patient/mine' },
      code: { text: 'labelled' },
    };
    await server.call('PUT', 'Condition/labelled', labelled);
    const { meta: _meta, ...open } = labelled;
    expect((await mine.call('PUT', '/fhir/Condition/labelled', open)).status).toBe(403);
  });
});

describe('requests that do not come from our pages', () => {
  test('a form of another site is not understood', async () => {
    const { status } = await server.raw('POST', '/viewing/break-glass', 'patient=mine', {
      authorization: doctor.authorization,
      dpop: await doctor.proof('POST', '/viewing/break-glass'),
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://evil.example',
    });
    expect(status).toBe(415);
  });

  test('answers about people are never kept by caches', async () => {
    for (const path of ['/viewing/notices', '/viewing/requests', '/oauth/account']) {
      expect((await doctor.call('GET', path)).headers['cache-control']).toContain('no-store');
    }
  });
});
