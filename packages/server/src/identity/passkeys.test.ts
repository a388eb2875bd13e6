import { afterAll, beforeAll, expect, test } from 'vitest';
import { SoftwareAuthenticator } from '../testing/authenticator.ts';
import { TestBrowser } from '../testing/browser.ts';
import { type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
let password: string;
beforeAll(async () => {
  server = await testServer();
  const account = { username: 'owner', resource: 'Patient/p1', roles: ['patient'] };
  const { json } = await server.raw('POST', '/oauth/accounts', JSON.stringify(account), {
    'content-type': 'application/json',
  });
  password = String(json.password);
});
afterAll(() => server.close());

async function enrolled(): Promise<{ authenticator: SoftwareAuthenticator; headers: Record<string, string> }> {
  const browser = new TestBrowser(server);
  const { json } = await browser.signIn('owner', password);
  const headers = { authorization: `Bearer ${String(json.access_token)}` };
  const authenticator = new SoftwareAuthenticator('localhost');
  const options = await browser.open('/oauth/account/passkeys/options', { method: 'POST', headers });
  expect(options.json).toMatchObject({
    rp: { id: 'localhost' },
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  const credential = authenticator.create(String(options.json.challenge));
  const added = await browser.open('/oauth/account/passkeys', {
    method: 'POST',
    headers,
    body: { credential, name: 'Laptop' },
  });
  expect(added.status).toBe(201);
  // the challenge is used up
  const again = await browser.open('/oauth/account/passkeys', { method: 'POST', headers, body: { credential } });
  expect(again.status).toBe(422);
  return { authenticator, headers };
}

/** Shows a passkey to a new sign-in. */
async function show(
  make: (challenge: string) => object,
): Promise<{ status: number; signIn: () => Promise<Record<string, unknown>> }> {
  const browser = new TestBrowser(server);
  const { uid = '', exchange } = await browser.authorize();
  const options = await browser.interaction(uid, 'passkey/options');
  // discoverable: the page says nothing about who has which credential
  expect(options.json.allowCredentials ?? []).toEqual([]);
  const answer = await browser.interaction(uid, 'passkey', { credential: make(String(options.json.challenge)) });
  return {
    status: answer.status,
    signIn: async () => {
      const { code = '' } = await browser.follow(answer);
      return (await browser.exchange({ ...exchange, code })).json;
    },
  };
}

test('a registered passkey signs in by itself, and is listed and removed', async () => {
  const { authenticator, headers } = await enrolled();
  const shown = await show((challenge) => authenticator.get(challenge));
  expect(shown.status).toBe(200);
  const { id_token: idToken } = await shown.signIn();
  const claims = JSON.parse(Buffer.from(String(idToken).split('.')[1] ?? '', 'base64url').toString());
  expect(claims.amr).toContain('mfa');
  const browser = new TestBrowser(server);
  const { json } = await browser.open('/oauth/account/passkeys', { headers });
  expect(json.passkeys).toMatchObject([{ id: authenticator.id, name: 'Laptop' }]);
  const removed = await browser.open(`/oauth/account/passkeys/${authenticator.id}`, { method: 'DELETE', headers });
  expect(removed.status).toBe(204);
  expect((await show((challenge) => authenticator.get(challenge))).status).toBe(401);
});

test('another origin, a missing verification, another challenge, another key and a copied counter are refused', async () => {
  const { authenticator } = await enrolled();
  const refused: ((challenge: string) => object)[] = [
    (challenge) => authenticator.get(challenge, { origin: 'https://evil.example' }),
    (challenge) => authenticator.get(challenge, { userVerified: false }),
    (challenge) => authenticator.get(challenge, { challenge: 'bm90IHRoZSBjaGFsbGVuZ2U' }),
    (challenge) => ({
      ...new SoftwareAuthenticator('localhost').get(challenge),
      id: authenticator.id,
      rawId: authenticator.id,
    }),
    (challenge) => new SoftwareAuthenticator('localhost').get(challenge),
  ];
  for (const make of refused) expect((await show(make)).status).toBe(401);
  expect((await show((challenge) => authenticator.get(challenge))).status).toBe(200);
});

test('an assertion of one sign-in is not good for another', async () => {
  const { authenticator } = await enrolled();
  const victim = new TestBrowser(server);
  const { uid = '' } = await victim.authorize();
  const options = await victim.interaction(uid, 'passkey/options');
  const credential = authenticator.get(String(options.json.challenge));
  expect((await show(() => credential)).status).toBe(401);
  expect((await victim.interaction(uid, 'passkey', { credential })).status).toBe(200);
  expect((await victim.interaction(uid, 'passkey', { credential })).status).toBe(400);
});
