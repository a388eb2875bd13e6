import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccount, type DpopClient, dpopClient } from '../testing/dpop-client.ts';
import { type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
let patient: DpopClient;
let doctor: DpopClient;

beforeAll(async () => {
  server = await testServer();
  await server.call('PUT', 'Patient/p1', { resourceType: 'Patient', id: 'p1' });
  const doc = { roles: ['western-practitioner'], registrations: ['western-medicine'], organizations: ['h'] };
  const passwords = await Promise.all([
    createAccount(server, { username: 'pat', resource: 'Patient/p1', roles: ['patient'] }),
    createAccount(server, { username: 'doc', resource: 'Practitioner/d1', ...doc }),
  ]);
  patient = await dpopClient(server, 'pat', passwords[0] as string);
  doctor = await dpopClient(server, 'doc', passwords[1] as string);
});
afterAll(() => server.close());

test('what is printed stands in the patient’s chain, and only who sees a record can print it', async () => {
  const printed = await patient.call('POST', '/viewing/disclosures', { patient: 'p1', how: 'print' });
  expect(printed.status, printed.text).toBe(201);
  const stranger = await doctor.call('POST', '/viewing/disclosures', { patient: 'p1', how: 'print' });
  const nobody = await doctor.call('POST', '/viewing/disclosures', { patient: 'nobody', how: 'print' });
  expect([stranger.status, stranger.text]).toEqual([nobody.status, nobody.text]);
  expect(stranger.status).toBe(404);
  expect((await patient.call('POST', '/viewing/disclosures', { patient: 'p1', how: 'fax' })).status).toBe(400);
  await expect
    .poll(async () => (await patient.call('GET', '/fhir/AuditEvent?patient=p1&_looked=true')).text)
    .toContain(String(printed.json.event));
});
