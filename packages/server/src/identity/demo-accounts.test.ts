import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { serve } from '../serve.ts';
import { ORIGIN, TestBrowser } from '../testing/browser.ts';
import { type TestServer, testServer } from '../testing/server.ts';
import { readAccount } from './account.ts';

const WANTED = [
  readAccount({ username: 'patient', resource: 'Patient/p', roles: ['patient'] }),
  readAccount({ username: 'nurse', resource: 'Practitioner/n', roles: ['nurse'], registrations: ['nursing'] }),
];

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());

test('have the same passwords at each start, which only the owner of the data folder can read', async () => {
  const first = await server.running.identity.openDemo(WANTED);
  expect(first).toMatchObject([
    { username: 'patient', role: 'patient' },
    { username: 'nurse', role: 'nurse' },
  ]);
  expect(new Set(first.map(({ password }) => password)).size).toBe(2);
  expect((await stat(join(server.folder, 'demo-accounts.json'))).mode & 0o777).toBe(0o600);
  await server.restart();
  expect(await server.running.identity.openDemo(WANTED)).toEqual(first);
  const browser = new TestBrowser(server);
  expect((await browser.open('/oauth/demo')).text).toBe(JSON.stringify(first));
  expect((await browser.signIn('nurse', first[1]?.password ?? '')).status).toBe(200);
});

test('are not good where the demonstration is off, nor are their tokens', async () => {
  const [, nurse] = await server.running.identity.openDemo(WANTED);
  const { json } = await new TestBrowser(server).signIn('nurse', nurse?.password ?? '');
  const environment = {
    MERIDIAN_PORT: '0',
    MERIDIAN_DATA: server.folder,
    MERIDIAN_URL: ORIGIN,
    MERIDIAN_LOG: 'silent',
  };
  const running = await serve(readConfig({ ...environment, MERIDIAN_DEMO: '0' }), { database: server.database });
  try {
    const browser = new TestBrowser({ ...server, running });
    expect(await running.identity.openDemo(WANTED)).toEqual([]);
    expect((await browser.open('/oauth/demo')).status).toBe(404);
    expect((await browser.signIn('nurse', nurse?.password ?? '')).status).toBe(401);
    const headers = { authorization: `Bearer ${String(json.access_token)}` };
    expect((await browser.open('/oauth/account', { headers })).status).toBe(401);
    const minted = await running.tokens.mint({ actor: 'nurse', system: false, expiresInSeconds: 60 });
    await expect(running.tokens.verify(`Bearer ${minted}`)).rejects.toThrow();
  } finally {
    await running.close();
  }
});

test('leave an account alone whose name they would have', async () => {
  const real = { username: 'doctor', resource: 'Practitioner/real', roles: ['auditor'] };
  await server.raw('POST', '/oauth/accounts', JSON.stringify(real), { 'content-type': 'application/json' });
  const wanted = readAccount({ ...real, resource: 'Practitioner/demo' });
  const [shown] = await server.running.identity.openDemo([wanted]);
  expect((await new TestBrowser(server).signIn('doctor', shown?.password ?? '')).status).toBe(401);
});
