import { EVENT_KIND } from '@meridian/records';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { serve } from '../serve.ts';
import { ORIGIN, TestBrowser } from '../testing/browser.ts';
import { type TestServer, testServer } from '../testing/server.ts';
import { totpCode } from './totp.ts';

let server: TestServer;
let passwords: Record<string, string>;
beforeAll(async () => {
  server = await testServer();
  passwords = {};
  for (const username of ['doctor', 'patient', 'admin', 'careful']) {
    const { json } = await server.raw('POST', '/oauth/accounts', JSON.stringify(ACCOUNTS[username]), {
      'content-type': 'application/json',
    });
    passwords[username] = String(json.password);
  }
});
afterAll(() => server.close());

const ACCOUNTS: Record<string, object> = {
  doctor: {
    username: 'doctor',
    name: 'Dr Test',
    resource: 'Practitioner/d1',
    roles: ['western-practitioner'],
    registrations: ['western-medicine'],
    organizations: ['hospital'],
  },
  patient: { username: 'patient', resource: 'Patient/p1', roles: ['patient'] },
  admin: { username: 'admin', resource: 'Practitioner/a1', roles: ['administrator'] },
  careful: { username: 'careful', resource: 'Patient/p2', roles: ['patient'] },
};

const bearer = (token: unknown) => ({ authorization: `Bearer ${String(token)}` });
const whoAmI = (browser: TestBrowser, token: unknown) => browser.open('/oauth/account', { headers: bearer(token) });

describe('sign-in by password', () => {
  test('code flow with PKCE ends in a token whose viewer is the account', async () => {
    const browser = new TestBrowser(server);
    const { uid = '', location, exchange } = await browser.authorize();
    expect(location).toBe(`${ORIGIN}/sign-in/${uid}`);
    const described = await browser.open(`/oauth/interaction/${uid}`);
    expect(described.json).toMatchObject({
      prompt: 'login',
      client: { id: 'meridian-web', name: 'Meridian' },
      methods: ['passkey', 'password'],
    });
    expect(
      (await browser.interaction(uid, 'password', { username: 'doctor', password: 'wrong password' })).status,
    ).toBe(401);
    const entered = await browser.interaction(uid, 'password', { username: 'Doctor', password: passwords.doctor });
    expect(entered.status).toBe(200);
    const { code = '', location: back } = await browser.follow(entered);
    expect(new URL(back).searchParams.get('state')).toBe('the-state');
    const { status, json } = await browser.exchange({ ...exchange, code });
    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'openid fhirUser user/*.cruds' });
    expect((await whoAmI(browser, json.access_token)).json).toMatchObject({
      username: 'doctor',
      fhirUser: 'Practitioner/d1',
    });
    const { viewer } = await server.running.tokens.verify(`Bearer ${String(json.access_token)}`);
    expect(viewer).toMatchObject({
      actor: 'Practitioner/d1',
      roles: ['western-practitioner'],
      organizations: ['hospital'],
      purpose: 'TREAT',
      scope: 'openid fhirUser user/*.cruds',
    });
    expect(Math.abs(viewer.authenticatedAt - Date.now())).toBeLessThan(60_000);
    const [, claims = ''] = String(json.id_token).split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      fhirUser: `${ORIGIN}/fhir/Practitioner/d1`,
    });
    // the code is not good a second time, and its second use ends what it gave
    expect((await browser.exchange({ ...exchange, code })).status).toBe(400);
    expect((await whoAmI(browser, json.access_token)).status).toBe(401);
  });

  test('a session signs in again without asking, and max_age asks', async () => {
    const browser = new TestBrowser(server);
    expect((await browser.signIn('patient', passwords.patient ?? '')).status).toBe(200);
    const silent = await browser.authorize({ extra: { prompt: 'none' } });
    expect(silent.location).toContain('code=');
    expect((await browser.authorize({ extra: { max_age: '0', prompt: 'none' } })).location).toContain('login_required');
    expect((await browser.authorize({ extra: { max_age: '0' } })).uid).toBeDefined();
  });

  test('a one-time code is asked for once it is confirmed, and works once', async () => {
    const browser = new TestBrowser(server);
    const { json } = await browser.signIn('careful', passwords.careful ?? '');
    const headers = bearer(json.access_token);
    const enrolled = await browser.open('/oauth/account/totp', { method: 'POST', headers });
    const secret = String(enrolled.json.secret);
    expect(enrolled.json.uri).toContain('otpauth://totp/');
    const confirm = (code: string) =>
      browser.open('/oauth/account/totp/confirm', { method: 'POST', headers, body: { code } });
    expect((await confirm('000000')).status).toBe(422);
    expect((await confirm(totpCode(secret, Date.now() - 30_000))).status).toBe(204);
    const other = new TestBrowser(server);
    const { uid = '' } = await other.authorize();
    const credentials = { username: 'careful', password: passwords.careful };
    expect((await other.interaction(uid, 'password', credentials)).json).toEqual({ needs: 'totp' });
    const code = totpCode(secret, Date.now());
    expect((await other.interaction(uid, 'password', { ...credentials, totp: code })).status).toBe(200);
    const third = new TestBrowser(server);
    const again = await third.authorize();
    expect((await third.interaction(again.uid ?? '', 'password', { ...credentials, totp: code })).status).toBe(401);
  });

  test('guessing the code is slowed down, whatever is asked in between', async () => {
    const guesser = new TestBrowser(server);
    const { uid = '' } = await guesser.authorize();
    const credentials = { username: 'careful', password: passwords.careful };
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) {
      statuses.push((await guesser.interaction(uid, 'password', credentials)).status);
      statuses.push((await guesser.interaction(uid, 'password', { ...credentials, totp: '000000' })).status);
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(2);
  });

  test('unknown users are answered like known ones', async () => {
    const browser = new TestBrowser(server);
    const { uid = '' } = await browser.authorize();
    const answers = await Promise.all(
      ['doctor', 'nobody-of-that-name'].map((username) =>
        browser.interaction(uid, 'password', { username, password: 'not the password' }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
  });
});

describe('tokens', () => {
  test('rotate; a used refresh token ends everything that came of it', async () => {
    const browser = new TestBrowser(server);
    const first = await browser.signIn('doctor', passwords.doctor ?? '');
    const refresh = (token: unknown) =>
      browser.token({ grant_type: 'refresh_token', refresh_token: String(token), client_id: 'meridian-web' });
    const second = await refresh(first.json.refresh_token);
    expect(second.status).toBe(200);
    expect(second.json.refresh_token).not.toBe(first.json.refresh_token);
    expect((await whoAmI(browser, second.json.access_token)).status).toBe(200);
    expect((await refresh(first.json.refresh_token)).json.error).toBe('invalid_grant');
    expect((await whoAmI(browser, second.json.access_token)).status).toBe(401);
    expect((await refresh(second.json.refresh_token)).json.error).toBe('invalid_grant');
  });

  test('revoking a refresh token ends its access tokens at once', async () => {
    const browser = new TestBrowser(server);
    const { json } = await browser.signIn('doctor', passwords.doctor ?? '');
    expect((await whoAmI(browser, json.access_token)).status).toBe(200);
    const form = new URLSearchParams({ token: String(json.refresh_token), client_id: 'meridian-web' }).toString();
    await browser.open('/oauth/revoke', {
      method: 'POST',
      body: form,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect((await whoAmI(browser, json.access_token)).status).toBe(401);
  });

  test('sessions are listed; ending one ends its tokens and no others', async () => {
    const [here, there] = [new TestBrowser(server), new TestBrowser(server)];
    const mine = await here.signIn('patient', passwords.patient ?? '');
    const listed = async () => {
      const { json } = await here.open('/oauth/account/sessions', { headers: bearer(mine.json.access_token) });
      return (json.sessions as { id: string }[]).map(({ id }) => id);
    };
    const before = await listed();
    const others = await there.signIn('patient', passwords.patient ?? '');
    const added = (await listed()).find((id) => !before.includes(id));
    expect((await whoAmI(there, others.json.access_token)).status).toBe(200);
    const headers = bearer(mine.json.access_token);
    expect((await here.open(`/oauth/account/sessions/${added}`, { method: 'DELETE', headers })).status).toBe(204);
    expect((await whoAmI(there, others.json.access_token)).status).toBe(401);
    expect((await there.authorize({ extra: { prompt: 'none' } })).location).toContain('login_required');
    expect((await whoAmI(here, mine.json.access_token)).status).toBe(200);
  });

  test('signing out ends the session of this browser, or all of them', async () => {
    const [here, there] = [new TestBrowser(server), new TestBrowser(server)];
    const mine = await here.signIn('patient', passwords.patient ?? '');
    const others = await there.signIn('patient', passwords.patient ?? '');
    const out = (browser: TestBrowser, token: unknown, body: object) =>
      browser.open('/oauth/account/sign-out', { method: 'POST', headers: bearer(token), body });
    expect((await out(here, mine.json.access_token, {})).status).toBe(204);
    expect((await whoAmI(here, mine.json.access_token)).status).toBe(401);
    expect((await here.authorize({ extra: { prompt: 'none' } })).location).toContain('login_required');
    expect((await whoAmI(there, others.json.access_token)).status).toBe(200);
    const third = await new TestBrowser(server).signIn('patient', passwords.patient ?? '');
    expect((await out(there, others.json.access_token, { everywhere: true })).status).toBe(204);
    expect((await whoAmI(there, third.json.access_token)).status).toBe(401);
  });

  test('another server process forgets at once too', async () => {
    const other = await serve(
      readConfig({ MERIDIAN_PORT: '0', MERIDIAN_DATA: server.folder, MERIDIAN_URL: ORIGIN, MERIDIAN_LOG: 'silent' }),
      {
        database: server.database,
      },
    );
    try {
      const browser = new TestBrowser(server);
      const { json } = await browser.signIn('patient', passwords.patient ?? '');
      const header = `Bearer ${String(json.access_token)}`;
      await other.tokens.verify(header);
      expect(other.tokens.remembered(header)).toBeDefined();
      await browser.open('/oauth/account/sign-out', { method: 'POST', headers: bearer(json.access_token), body: {} });
      await expect.poll(() => other.tokens.remembered(header)).toBeUndefined();
      await expect(other.tokens.verify(header)).rejects.toThrow();
    } finally {
      await other.close();
    }
  });

  test('every sign-in, failure and sign-out is an event in the person’s own chain before it is answered', async () => {
    const pool = server.database.pool({ size: 1 });
    const count = async (kind: number) => {
      const { rows } = await pool.query<{ n: string }>(
        `SELECT count(*) AS n FROM (SELECT kind, patient, event FROM ledger_outbox UNION SELECT kind, patient, event FROM ledger_event) e
          WHERE kind = $1 AND patient <> 0`,
        [kind],
      );
      return Number(rows[0]?.n);
    };
    const kinds = [EVENT_KIND.signedIn, EVENT_KIND.signInFailed, EVENT_KIND.signedOut];
    const before = await Promise.all(kinds.map(count));
    const browser = new TestBrowser(server);
    await browser.signIn('patient', 'not the password');
    expect(await count(EVENT_KIND.signInFailed)).toBe((before[1] ?? 0) + 1);
    const { json } = await browser.signIn('patient', passwords.patient ?? '');
    expect(await count(EVENT_KIND.signedIn)).toBe((before[0] ?? 0) + 1);
    await browser.open('/oauth/account/sign-out', { method: 'POST', headers: bearer(json.access_token), body: {} });
    expect(await count(EVENT_KIND.signedOut)).toBe((before[2] ?? 0) + 1);
  });

  test('a suspended account is out at once, everywhere', async () => {
    const browser = new TestBrowser(server);
    const { json } = await browser.signIn('patient', passwords.patient ?? '');
    const me = (await whoAmI(browser, json.access_token)).json;
    const change = (state: string) =>
      server.raw('PUT', `/oauth/accounts/${String(me.id)}`, JSON.stringify({ ...ACCOUNTS.patient, state }), {
        'content-type': 'application/json',
      });
    expect((await change('suspended')).status).toBe(200);
    expect((await whoAmI(browser, json.access_token)).status).toBe(401);
    expect((await new TestBrowser(server).signIn('patient', passwords.patient ?? '')).status).toBe(401);
    expect((await browser.authorize({ extra: { prompt: 'none' } })).location).toContain('login_required');
    await change('active');
  });

  test('meridian token --as ACCOUNT is the account, by username or resource', async () => {
    for (const actor of ['doctor', 'Practitioner/d1']) {
      const token = await server.running.tokens.mint({ actor, system: false, expiresInSeconds: 60 });
      const { viewer } = await server.running.tokens.verify(`Bearer ${token}`);
      expect(viewer).toMatchObject({ actor: 'Practitioner/d1', roles: ['western-practitioner'] });
    }
  });
});

test('a changed password ends every session, and a reset ends the second factor too', async () => {
  const account = { username: 'changer', resource: 'Patient/p3', roles: ['patient'] };
  const { json: made } = await server.raw('POST', '/oauth/accounts', JSON.stringify(account), {
    'content-type': 'application/json',
  });
  const browser = new TestBrowser(server);
  const { json } = await browser.signIn('changer', String(made.password));
  const change = async (body: object) =>
    (await browser.open('/oauth/account/password', { method: 'PUT', headers: bearer(json.access_token), body })).status;
  const next = 'four quiet grey herons';
  expect(await change({ current: made.password, password: 'short' })).toBe(422);
  expect(await change({ current: made.password, password: 'the-changer-name' })).toBe(422);
  expect(await change({ current: 'not the password', password: next })).toBe(403);
  expect(await change({ current: made.password, password: next })).toBe(204);
  expect((await whoAmI(browser, json.access_token)).status).toBe(401);
  expect((await new TestBrowser(server).signIn('changer', String(made.password))).status).toBe(401);
  const again = await browser.signIn('changer', next);
  expect(again.status).toBe(200);
  const reset = await server.raw('POST', `/oauth/accounts/${String(made.id)}/reset`);
  expect((await whoAmI(browser, again.json.access_token)).status).toBe(401);
  expect((await new TestBrowser(server).signIn('changer', next)).status).toBe(401);
  expect((await new TestBrowser(server).signIn('changer', String(reset.json.password))).status).toBe(200);
});

test('accounts are for administrators; unknown members and impossible roles are refused', async () => {
  const browser = new TestBrowser(server);
  const doctor = await browser.signIn('doctor', passwords.doctor ?? '');
  expect((await browser.open('/oauth/accounts', { headers: bearer(doctor.json.access_token) })).status).toBe(403);
  const admin = await new TestBrowser(server).signIn('admin', passwords.admin ?? '');
  const headers = bearer(admin.json.access_token);
  const listed = await browser.open('/oauth/accounts?_count=2', { headers });
  expect(listed.json.accounts).toHaveLength(2);
  const rest = await browser.open(`/oauth/accounts?_count=10&after=${String(listed.json.after)}`, { headers });
  expect((rest.json.accounts as object[]).length).toBeGreaterThanOrEqual(2);
  expect(listed.text + rest.text).not.toContain('argon2');
  const create = async (account: object) =>
    (await browser.open('/oauth/accounts', { method: 'POST', headers, body: account })).status;
  expect(await create({ ...ACCOUNTS.doctor, username: 'new-doctor', registrations: [] })).toBe(422);
  expect(await create({ ...ACCOUNTS.patient, username: 'new-admin', roles: ['patient', 'administrator'] })).toBe(422);
  expect(await create({ ...ACCOUNTS.patient, username: 'mass', demo: true })).toBe(422);
  expect(await create({ ...ACCOUNTS.patient, username: 'DOCTOR' })).toBe(422);
});
