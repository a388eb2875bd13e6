import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ORIGIN, TestBrowser } from '../testing/browser.ts';
import { type TestIdentityProvider, testIdentityProvider } from '../testing/identity-provider.ts';
import { type TestServer, testServer } from '../testing/server.ts';

let elsewhere: TestIdentityProvider;
let server: TestServer;
beforeAll(async () => {
  elsewhere = await testIdentityProvider(`${ORIGIN}/oauth/external/callback`);
  server = await testServer({
    MERIDIAN_OIDC_ISSUER: elsewhere.issuer,
    MERIDIAN_OIDC_CLIENT_ID: elsewhere.clientId,
    MERIDIAN_OIDC_CLIENT_SECRET: elsewhere.clientSecret,
    MERIDIAN_OIDC_NAME: 'The hospital',
  });
  const account = {
    username: 'employee',
    resource: 'Practitioner/e1',
    roles: ['nurse'],
    registrations: ['nursing'],
    subjects: [{ issuer: elsewhere.issuer, subject: 'employee-1' }],
  };
  await server.raw('POST', '/oauth/accounts', JSON.stringify(account), { 'content-type': 'application/json' });
});
afterAll(async () => {
  await server.close();
  await elsewhere.close();
});

/** Goes to the other provider and through its sign-in, until it sends the browser back to us. */
async function visit(url: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next = url;
  for (let i = 0; i < 5 && next.startsWith(elsewhere.issuer); i++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const { headers, body } = await request(next, { headers: { cookie } });
    await body.dump();
    for (const line of [headers['set-cookie'] ?? []].flat()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=', 2);
      cookies.set(name, value);
    }
    next = new URL(String(headers.location), elsewhere.issuer).href;
  }
  return next;
}

async function begin() {
  const browser = new TestBrowser(server);
  const { uid = '', exchange } = await browser.authorize();
  const described = await browser.open(`/oauth/interaction/${uid}`);
  expect(described.json).toMatchObject({
    methods: ['passkey', 'password', 'external'],
    external: { name: 'The hospital' },
  });
  const begun = await browser.interaction(uid, 'external');
  return { browser, uid, exchange, back: await visit(String(begun.json.redirect)) };
}

test('whoever the other provider vouches for signs in as the account of that subject', async () => {
  const { browser, uid, exchange, back } = await begin();
  expect(back).toContain(`${ORIGIN}/oauth/external/callback?`);
  const returned = await browser.open(back);
  expect(returned.headers.location).toBe(`${ORIGIN}/sign-in/${uid}?external=done`);
  const { code = '' } = await browser.follow(await browser.interaction(uid, 'external/finish'));
  const { json } = await browser.exchange({ ...exchange, code });
  const { viewer } = await server.running.tokens.verify(`Bearer ${String(json.access_token)}`);
  expect(viewer).toMatchObject({ actor: 'Practitioner/e1', roles: ['nurse'] });
});

test('an answer is good once, in the browser that asked, for its own state', async () => {
  const { browser, uid, back } = await begin();
  // login CSRF: the attacker's answer in the victim's browser
  const victim = new TestBrowser(server);
  await victim.authorize();
  expect((await victim.open(back)).status).toBe(400);
  expect((await browser.open(back)).status).toBe(400);
  expect((await browser.interaction(uid, 'external/finish')).status).toBe(401);
  const second = await begin();
  const forged = second.back.replace(/state=[^&]+/, `state=${'x'.repeat(43)}`);
  expect((await second.browser.open(forged)).status).toBe(400);
  const third = await begin();
  const mixedUp = third.back.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.example');
  expect((await third.browser.open(mixedUp)).status).toBe(502);
  const fourth = await begin();
  expect((await fourth.browser.open(fourth.back.replace(/code=[^&]+/, 'code=guess'))).status).toBe(502);
});

test('somebody without an account here does not come in', async () => {
  elsewhere.subject = 'stranger';
  const { browser, uid, back } = await begin();
  await browser.open(back);
  expect((await browser.interaction(uid, 'external/finish')).status).toBe(401);
  elsewhere.subject = 'employee-1';
});
