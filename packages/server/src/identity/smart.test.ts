import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ORIGIN, TestBrowser } from '../testing/browser.ts';
import { type TestServer, testServer } from '../testing/server.ts';

const REDIRECT = 'https://app.example/back';
const FHIR = `${ORIGIN}/fhir`;
const TOKEN = `${ORIGIN}/oauth/token`;

let server: TestServer;
let password: string;
let app: string;
beforeAll(async () => {
  server = await testServer();
  password = await create({
    username: 'mother',
    resource: 'Patient/mother',
    roles: ['patient', 'proxy'],
    proxies: [
      { patientId: 'child', relation: 'parent', from: '2020-01-01', until: '2038-01-01', scope: 'decide' },
      { patientId: 'grown', relation: 'parent', from: '2000-01-01', until: '2018-01-01', scope: 'decide' },
    ],
  });
  app = String(
    (await register({ name: 'Growth chart', kind: 'browser', redirectUris: [REDIRECT], scopes: SCOPES })).json.id,
  );
});
afterAll(() => server.close());

const SCOPES = ['openid', 'fhirUser', 'launch', 'launch/patient', 'offline_access', 'patient/*.rs', 'user/Patient.r'];

const post = (path: string, body: object) =>
  server.raw('POST', path, JSON.stringify(body), { 'content-type': 'application/json' });
const register = (client: object) => post('/oauth/clients', client);
const create = async (account: object): Promise<string> =>
  String((await post('/oauth/accounts', account)).json.password);
const viewerOf = async (token: unknown) => (await server.running.tokens.verify(`Bearer ${String(token)}`)).viewer;

/** Signs in to the app, up to the question for consent. */
async function asked(scope: string, extra: Record<string, string> = {}) {
  const browser = new TestBrowser(server);
  const begun = await browser.authorize({
    clientId: app,
    redirectUri: REDIRECT,
    scope,
    extra: { aud: FHIR, ...extra },
  });
  const entered = await browser.interaction(begun.uid ?? '', 'password', { username: 'mother', password });
  const { uid = '' } = await browser.follow(entered);
  return { browser, uid, exchange: begun.exchange };
}

describe('standalone launch', () => {
  test('the person sees what is asked, chooses a patient, and the app is told', async () => {
    const scope =
      'openid fhirUser launch/patient offline_access patient/Observation.rs?category=laboratory patient/Patient.r';
    const { browser, uid, exchange } = await asked(scope);
    const { json: question } = await browser.open(`/oauth/interaction/${uid}`);
    expect(question).toMatchObject({
      prompt: 'consent',
      client: { name: 'Growth chart' },
      account: { username: 'mother' },
      patients: [
        { id: 'mother', relation: 'self' },
        { id: 'child', relation: 'parent' },
      ],
    });
    expect((question.scopes as { scope: string; sentence: string }[]).map((one) => one.scope)).toEqual(
      scope.split(' '),
    );
    expect((await browser.interaction(uid, 'confirm', { granted: true })).status).toBe(400);
    expect((await browser.interaction(uid, 'confirm', { granted: true, patient: 'stranger' })).status).toBe(403);
    expect((await browser.interaction(uid, 'confirm', { granted: true, patient: 'grown' })).status).toBe(403);
    const confirmed = await browser.interaction(uid, 'confirm', { granted: true, patient: 'child' });
    const { code = '' } = await browser.follow(confirmed);
    const { json } = await browser.exchange({ ...exchange, code });
    expect(json).toMatchObject({ patient: 'child', need_patient_banner: true, scope });
    expect(await viewerOf(json.access_token)).toMatchObject({ launchPatient: 'child', patientId: 'mother', scope });
    const refreshed = await browser.token({
      grant_type: 'refresh_token',
      refresh_token: String(json.refresh_token),
      client_id: app,
    });
    expect(refreshed.json).toMatchObject({ patient: 'child' });
    expect(await viewerOf(refreshed.json.access_token)).toMatchObject({ launchPatient: 'child' });
  });

  test('what the person does not grant is not in the token; a refusal goes back to the app', async () => {
    const first = await asked('launch/patient patient/Observation.rs patient/Patient.r');
    const confirmed = await first.browser.interaction(first.uid, 'confirm', {
      granted: ['launch/patient', 'patient/Patient.r'],
      patient: 'mother',
    });
    const { code = '' } = await first.browser.follow(confirmed);
    const { json } = await first.browser.exchange({ ...first.exchange, code });
    expect(json.scope).toBe('launch/patient patient/Patient.r');
    const second = await asked('launch/patient patient/Patient.r');
    const refused = await second.browser.interaction(second.uid, 'confirm', { granted: false });
    expect((await second.browser.follow(refused)).location).toContain(`${REDIRECT}?error=access_denied`);
  });

  test('scopes beyond the registration, and those of programs, are left out', async () => {
    const { browser, uid } = await asked(
      'patient/*.cruds system/*.rs user/Observation.r user/Patient.r launch/patient nonsense',
    );
    const { json } = await browser.open(`/oauth/interaction/${uid}`);
    expect((json.scopes as { scope: string }[]).map(({ scope }) => scope)).toEqual([
      'user/Patient.r',
      'launch/patient',
    ]);
  });
});

test('launch from the record: once, for who opened it, with the patient and visit that were open', async () => {
  const web = new TestBrowser(server);
  const { json } = await web.signIn('mother', password);
  const minted = await web.open('/oauth/launch', {
    method: 'POST',
    headers: { authorization: `Bearer ${String(json.access_token)}` },
    body: { patient: 'child', encounter: 'visit' },
  });
  const launch = String(minted.json.launch);
  const { browser, uid, exchange } = await asked('launch patient/Patient.r', { launch });
  const { code = '' } = await browser.follow(await browser.interaction(uid, 'confirm', { granted: true }));
  expect((await browser.exchange({ ...exchange, code })).json).toMatchObject({ patient: 'child', encounter: 'visit' });
  const again = await asked('launch patient/Patient.r', { launch });
  expect((await again.browser.interaction(again.uid, 'confirm', { granted: true })).status).toBe(400);
});

describe('backend services', () => {
  let key: CryptoKey;
  let service: string;
  beforeAll(async () => {
    const pair = await generateKeyPair('ES384', { extractable: true });
    key = pair.privateKey;
    const { json: account } = await post('/oauth/accounts', {
      username: 'warehouse',
      kind: 'service',
      resource: 'Device/warehouse',
      roles: ['system'],
    });
    const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES384' }] };
    const registered = await register({
      name: 'Warehouse',
      kind: 'service',
      scopes: ['system/*.rs'],
      jwks,
      account: account.id,
    });
    service = String(registered.json.id);
  });

  const assertion = (audience = TOKEN, id = randomUUID(), signer = key) =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'ES384', kid: 'k1' })
      .setIssuer(service)
      .setSubject(service)
      .setAudience(audience)
      .setJti(id)
      .setIssuedAt()
      .setExpirationTime('2m')
      .sign(signer);
  const ask = async (jwt: string, scope = 'system/Observation.rs') =>
    new TestBrowser(server).token({
      grant_type: 'client_credentials',
      scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: jwt,
    });

  test('a signed assertion gives a token of the service; once; for registered scopes only', async () => {
    const jwt = await assertion();
    const { status, json } = await ask(jwt);
    expect(status).toBe(200);
    expect(json.scope).toBe('system/Observation.rs');
    expect(await viewerOf(json.access_token)).toMatchObject({
      actor: 'Device/warehouse',
      roles: ['system'],
      scope: 'system/Observation.rs',
    });
    expect((await ask(jwt)).status).not.toBe(200);
    expect((await ask(await assertion(), 'system/Observation.cud')).json.error).toBe('invalid_scope');
    expect((await ask(await assertion(), 'user/Observation.rs')).json.error).toBe('invalid_scope');
  });

  test('another audience or another key is refused, and a suspended service is out at once', async () => {
    expect((await ask(await assertion('https://elsewhere.example/token'))).status).toBe(401);
    const other = await generateKeyPair('ES384');
    expect((await ask(await assertion(TOKEN, randomUUID(), other.privateKey))).status).toBe(401);
    const { json } = await ask(await assertion());
    await viewerOf(json.access_token);
    const { json: client } = await server.raw('GET', `/oauth/clients/${service}`);
    const { id, created, ...input } = client;
    await server.raw('PUT', `/oauth/clients/${service}`, JSON.stringify({ ...input, state: 'suspended' }), {
      'content-type': 'application/json',
    });
    await expect(viewerOf(json.access_token)).rejects.toThrow();
    expect((await ask(await assertion())).status).toBe(401);
  });
});

describe('DPoP', () => {
  async function keyPair() {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    return { privateKey, jwk: await exportJWK(publicKey) };
  }
  type Pair = Awaited<ReturnType<typeof keyPair>>;
  const proof = ({ privateKey, jwk }: Pair, method: string, url: string, token?: string, at = Date.now()) =>
    new SignJWT({
      htm: method,
      htu: url,
      jti: randomUUID(),
      ...(token !== undefined && { ath: createHash('sha256').update(token).digest('base64url') }),
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setIssuedAt(Math.floor(at / 1000))
      .sign(privateKey);

  test('a bound token opens only with a fresh proof of its key, for this request, once', async () => {
    const pair = await keyPair();
    const browser = new TestBrowser(server);
    const { uid = '', exchange } = await browser.authorize();
    const { code = '' } = await browser.follow(
      await browser.interaction(uid, 'password', { username: 'mother', password }),
    );
    const { json } = await browser.exchange({ ...exchange, code }, { dpop: await proof(pair, 'POST', TOKEN) });
    expect(json.token_type).toBe('DPoP');
    const token = String(json.access_token);
    const url = `${ORIGIN}/oauth/account`;
    const open = async (dpop: string | undefined, scheme = 'DPoP') =>
      (
        await browser.open('/oauth/account', {
          headers: { authorization: `${scheme} ${token}`, ...(dpop && { dpop }) },
        })
      ).status;
    const good = await proof(pair, 'GET', url, token);
    expect(await open(good)).toBe(200);
    expect(await open(good)).toBe(401);
    expect(await open(undefined)).toBe(401);
    expect(await open(undefined, 'Bearer')).toBe(401);
    expect(await open(await proof(pair, 'GET', url, token), 'Bearer')).toBe(401);
    expect(await open(await proof(await keyPair(), 'GET', url, token))).toBe(401);
    expect(await open(await proof(pair, 'POST', url, token))).toBe(401);
    expect(await open(await proof(pair, 'GET', `${url}/sessions`, token))).toBe(401);
    expect(await open(await proof(pair, 'GET', url, 'another token'))).toBe(401);
    expect(await open(await proof(pair, 'GET', url))).toBe(401);
    expect(await open(await proof(pair, 'GET', url, token, Date.now() - 120_000))).toBe(401);
    expect(await open(await proof(pair, 'GET', url, token))).toBe(200);
    // the refresh token of a public client is bound as well
    const refresh = {
      grant_type: 'refresh_token',
      refresh_token: String(json.refresh_token),
      client_id: 'meridian-web',
    };
    expect((await browser.token(refresh)).status).toBe(400);
    expect((await browser.token(refresh, { dpop: await proof(pair, 'POST', TOKEN) })).status).toBe(200);
  });
});

test('introspection tells the owner and programs, and nobody else, whether a token is good', async () => {
  const mother = await new TestBrowser(server).signIn('mother', password);
  const strangerPassword = await create({ username: 'stranger', resource: 'Patient/s', roles: ['patient'] });
  const stranger = await new TestBrowser(server).signIn('stranger', strangerPassword);
  const ask = async (by: unknown, token: unknown) => {
    const { text } = await server.raw(
      'POST',
      '/oauth/introspect',
      new URLSearchParams({ token: String(token) }).toString(),
      {
        'content-type': 'application/x-www-form-urlencoded',
        ...(by !== undefined && { authorization: `Bearer ${String(by)}` }),
      },
    );
    return JSON.parse(text) as Record<string, unknown>;
  };
  const token = mother.json.access_token;
  expect(await ask(undefined, token)).toMatchObject({ active: true, client_id: 'meridian-web', aud: FHIR });
  expect(await ask(token, token)).toMatchObject({ active: true });
  expect(await ask(stranger.json.access_token, token)).toEqual({ active: false });
  expect(await ask(undefined, 'nonsense')).toEqual({ active: false });
});

test('the configuration names endpoints that are there', async () => {
  const { text } = await server.raw('GET', '/fhir/.well-known/smart-configuration');
  const configuration = JSON.parse(text) as Record<string, string>;
  expect(configuration.code_challenge_methods_supported).toEqual(['S256']);
  const browser = new TestBrowser(server);
  const jwks = await browser.open(configuration.jwks_uri ?? '');
  expect((jwks.json.keys as { d?: string; alg: string }[]).map(({ alg, d }) => [alg, d])).toEqual([
    ['ES256', undefined],
    ['RS256', undefined],
  ]);
  const openid = await browser.open('/oauth/.well-known/openid-configuration');
  expect(openid.json).toMatchObject({
    issuer: configuration.issuer,
    authorization_endpoint: configuration.authorization_endpoint,
    token_endpoint: configuration.token_endpoint,
  });
});
