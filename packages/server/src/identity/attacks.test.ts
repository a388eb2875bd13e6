import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ORIGIN, TestBrowser } from '../testing/browser.ts';
import { type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
const passwords: Record<string, string> = {};
beforeAll(async () => {
  server = await testServer();
  for (const username of ['alice', 'mallory', 'slow', 'target']) {
    const account = { username, resource: `Patient/${username}`, roles: ['patient'] };
    const { json } = await server.raw('POST', '/oauth/accounts', JSON.stringify(account), {
      'content-type': 'application/json',
    });
    passwords[username] = String(json.password);
  }
});
afterAll(() => server.close());

const password = (username: string): { username: string; password: string } => ({
  username,
  password: passwords[username] ?? '',
});
const whoAmI = async (token: unknown) =>
  (await new TestBrowser(server).open('/oauth/account', { headers: { authorization: `Bearer ${String(token)}` } }))
    .status;

describe('cross-site requests', () => {
  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another host of ours', { 'sec-fetch-site': 'same-site' }],
    ['an opaque origin', { origin: 'null' }],
  ])('from %s are refused', async (_name, headers) => {
    const browser = new TestBrowser(server);
    const { uid = '' } = await browser.authorize();
    expect((await browser.interaction(uid, 'password', password('alice'), headers)).status).toBe(403);
    expect((await browser.open(`/oauth/interaction/${uid}`, { headers })).status).toBe(403);
  });

  test('without an origin, or as a form would send them, are refused', async () => {
    const browser = new TestBrowser(server);
    const { uid = '' } = await browser.authorize();
    const path = `/oauth/interaction/${uid}/password`;
    const body = JSON.stringify(password('alice'));
    expect((await browser.open(path, { method: 'POST', body, byPage: false })).status).toBe(403);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const headers = { 'content-type': type };
      expect((await browser.open(path, { method: 'POST', body, headers })).status).toBe(415);
    }
  });
});

describe('redirects', () => {
  const refusedFor = async (redirectUri: string, extra: Record<string, string> = {}) => {
    const browser = new TestBrowser(server);
    const { location, uid } = await browser.authorize({ redirectUri, extra });
    return uid === undefined && !URL.canParse(location);
  };

  test.each([
    'https://evil.example/signed-in',
    `${ORIGIN}/signed-in/`,
    `${ORIGIN}/signed-in?next=https://evil.example`,
    `${ORIGIN}/signed-in#x`,
    `${ORIGIN}/SIGNED-IN`,
    `${ORIGIN}/a/../signed-in`,
    `${ORIGIN}.evil.example/signed-in`,
    `http://localhost@evil.example/signed-in`,
    `http://localhost:8081/signed-in`,
    'javascript:alert(1)',
    '//evil.example/signed-in',
  ])('to %s are refused without going there', async (uri) => {
    expect(await refusedFor(uri)).toBe(true);
  });

  test('a second redirect_uri, a client that does not exist, and a code for another redirect are refused', async () => {
    const browser = new TestBrowser(server);
    const twice = await browser.open(
      `/oauth/authorize?response_type=code&client_id=meridian-web&redirect_uri=${ORIGIN}/signed-in&redirect_uri=https://evil.example`,
    );
    expect(twice.status).toBe(400);
    expect(twice.headers['content-type']).toContain('text/plain');
    expect((await browser.authorize({ clientId: '../../account/1' })).uid).toBeUndefined();
    const { uid = '', exchange } = await browser.authorize();
    const { code = '' } = await browser.follow(await browser.interaction(uid, 'password', password('alice')));
    const elsewhere = { ...exchange, code, redirectUri: `${ORIGIN}/other` };
    expect((await browser.exchange(elsewhere)).json.error).toBe('invalid_grant');
  });

  test('what comes after signing in is ours, whatever Host the request names', async () => {
    const browser = new TestBrowser(server);
    const { uid = '' } = await browser.authorize();
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    const entered = await browser.interaction(uid, 'password', password('alice'), headers);
    expect(String(entered.json.redirect)).toMatch(new RegExp(`^${ORIGIN}/oauth/authorize/`));
    const begun = await browser.open('/oauth/.well-known/openid-configuration', { headers });
    expect(begun.text).not.toContain('evil');
  });
});

describe('codes', () => {
  test('without PKCE, with the plain method, or with another verifier are refused', async () => {
    const browser = new TestBrowser(server);
    expect((await browser.authorize({ extra: { code_challenge: '' } })).uid).toBeUndefined();
    expect((await browser.authorize({ extra: { code_challenge_method: 'plain' } })).uid).toBeUndefined();
    const { uid = '', exchange } = await browser.authorize();
    const { code = '' } = await browser.follow(await browser.interaction(uid, 'password', password('alice')));
    const guess = { ...exchange, code, verifier: 'x'.repeat(43) };
    expect((await browser.exchange(guess)).json.error).toBe('invalid_grant');
  });

  test('of two that use a code at once, at most one gets tokens that stay', async () => {
    const browser = new TestBrowser(server);
    const { uid = '', exchange } = await browser.authorize();
    const { code = '' } = await browser.follow(await browser.interaction(uid, 'password', password('alice')));
    const answers = await Promise.all(Array.from({ length: 5 }, () => browser.exchange({ ...exchange, code })));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  });

  test('implicit and hybrid flows do not exist', async () => {
    const browser = new TestBrowser(server);
    for (const type of ['token', 'id_token', 'code id_token', 'none']) {
      expect((await browser.authorize({ extra: { response_type: type } })).uid).toBeUndefined();
    }
  });
});

describe('sessions', () => {
  test('an interaction belongs to the browser that began it', async () => {
    const [victim, attacker] = [new TestBrowser(server), new TestBrowser(server)];
    const { uid = '' } = await victim.authorize();
    await attacker.authorize();
    expect((await attacker.interaction(uid, 'password', password('mallory'))).status).toBe(404);
    expect((await new TestBrowser(server).open(`/oauth/interaction/${uid}`)).status).toBe(404);
  });

  test('a session that was planted is not taken over: signing in changes its name', async () => {
    const attacker = new TestBrowser(server);
    await attacker.signIn('mallory', passwords.mallory ?? '');
    const planted = attacker.cookies.get('meridian-session')?.value;
    const victim = new TestBrowser(server);
    for (const [name, cookie] of attacker.cookies)
      if (name.startsWith('meridian-session')) victim.cookies.set(name, cookie);
    const { uid = '' } = await victim.authorize({ extra: { prompt: 'login' } });
    await victim.follow(await victim.interaction(uid, 'password', password('mallory')));
    expect(victim.cookies.get('meridian-session')?.value).not.toBe(planted);
    expect((await attacker.authorize({ extra: { prompt: 'none' } })).location).toContain('login_required');
  });

  test('cookies are out of reach of scripts and of other sites, and a changed one is not believed', async () => {
    const browser = new TestBrowser(server);
    const { uid = '' } = await browser.authorize();
    const entered = await browser.interaction(uid, 'password', password('alice'));
    const next = await browser.open(String(entered.json.redirect));
    for (const line of [entered.headers['set-cookie'] ?? [], next.headers['set-cookie'] ?? []].flat()) {
      if (/expires=Thu, 01 Jan 1970/i.test(line)) continue;
      expect(line).toMatch(/httponly/i);
      expect(line).toMatch(/samesite=lax/i);
    }
    const session = browser.cookies.get('meridian-session');
    if (session) browser.cookies.set('meridian-session', { ...session, value: `${session.value.slice(0, -1)}x` });
    expect((await browser.authorize({ extra: { prompt: 'none' } })).location).toContain('login_required');
  });

  test('over https, cookies carry the prefixes that browsers enforce', async () => {
    const secure = await testServer({ MERIDIAN_URL: 'https://records.example' });
    try {
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: 'meridian-web',
        redirect_uri: 'https://records.example/signed-in',
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
        scope: 'openid',
      });
      const { headers } = await secure.raw('GET', `/oauth/authorize?${query}`);
      const cookies = [headers['set-cookie'] ?? []].flat();
      expect(cookies.length).toBeGreaterThan(0);
      for (const line of cookies) expect(line).toMatch(/^__(?:Host|Secure)-.*secure/i);
      expect(headers.location).toMatch(/^https:\/\/records\.example\/sign-in\//);
    } finally {
      await secure.close();
    }
  });
});

describe('tokens', () => {
  test('an identity token, a token of another key, and changed claims are no access tokens', async () => {
    const { json } = await new TestBrowser(server).signIn('alice', passwords.alice ?? '');
    const access = String(json.access_token);
    expect(await whoAmI(access)).toBe(200);
    expect(await whoAmI(json.id_token)).toBe(401);
    expect(await whoAmI(json.refresh_token)).toBe(401);
    const [head = '', body = '', signature = ''] = access.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'someone-else' })).toString('base64url');
    const unsigned = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const kid = (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid;
    const own = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, jwk: await exportJWK(publicKey) })
      .sign(privateKey);
    const hmac = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
      .sign(new TextEncoder().encode(kid.padEnd(32)));
    for (const forged of [
      `${head}.${changed}.${signature}`,
      `${unsigned}.${body}.`,
      `${unsigned}.${body}.x`,
      own,
      hmac,
    ]) {
      expect(await whoAmI(forged)).toBe(401);
    }
  });

  test('end with their account', async () => {
    const { json } = await new TestBrowser(server).signIn('mallory', passwords.mallory ?? '');
    expect(await whoAmI(json.access_token)).toBe(200);
    const { json: me } = await new TestBrowser(server).open('/oauth/account', {
      headers: { authorization: `Bearer ${String(json.access_token)}` },
    });
    expect((await server.raw('DELETE', `/oauth/accounts/${String(me.id)}`)).status).toBe(204);
    expect(await whoAmI(json.access_token)).toBe(401);
  });
});

describe('guessing', () => {
  test('grows slower for each name and address, the same for names that do not exist, and also with the right password', async () => {
    const browser = new TestBrowser(server);
    const { uid = '' } = await browser.authorize();
    for (const username of ['slow', 'no-such-name']) {
      const statuses: number[] = [];
      for (let i = 0; i < 7; i++) {
        statuses.push((await browser.interaction(uid, 'password', { username, password: `guess ${i}` })).status);
      }
      expect(statuses, username).toEqual([401, 401, 401, 401, 401, 429, 429]);
    }
    const right = await browser.interaction(uid, 'password', password('slow'));
    expect(right.status).toBe(429);
    expect(Number(right.headers['retry-after'])).toBeLessThanOrEqual(5);
  });

  test('does not lock the owner out of the browser in which they signed in before', async () => {
    const owner = new TestBrowser(server);
    await owner.signIn('target', passwords.target ?? '');
    const attacker = new TestBrowser(server);
    const { uid = '' } = await attacker.authorize();
    for (let i = 0; i < 7; i++) await attacker.interaction(uid, 'password', { username: 'target', password: 'guess' });
    expect((await attacker.interaction(uid, 'password', password('target'))).status).toBe(429);
    const again = await owner.authorize({ extra: { prompt: 'login' } });
    expect((await owner.interaction(again.uid ?? '', 'password', password('target'))).status).toBe(200);
  });
});

test('bodies are bounded and must be what they should be', async () => {
  const browser = new TestBrowser(server);
  const { uid = '' } = await browser.authorize();
  expect((await browser.interaction(uid, 'password', '[]')).status).toBe(400);
  expect((await browser.interaction(uid, 'password', '{')).status).toBe(400);
  expect((await browser.interaction(uid, 'password', { username: ['alice'], password: {} })).status).toBe(400);
  expect((await browser.interaction(uid, 'password', { username: 'x', password: 'y'.repeat(100_000) })).status).toBe(
    413,
  );
  expect((await browser.interaction(uid, 'nothing')).status).toBe(404);
  expect((await browser.interaction(uid, 'confirm', { granted: true })).status).toBe(409);
});
