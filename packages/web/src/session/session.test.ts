import { expect, test } from 'vitest';
import { ownPath, Session, SignInError } from './session.ts';

const ORIGIN = 'https://records.example';

/** A browser tab and a token endpoint; refresh tokens are good for once. */
function setUp() {
  let now = 1_000_000;
  let issued = 0;
  const kept = new Map<string, string>();
  const went: URL[] = [];
  const asked: URLSearchParams[] = [];
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
  const fetcher: typeof fetch = async (_input, init) => {
    const form = init?.body as URLSearchParams;
    asked.push(form);
    const used = form.get('refresh_token');
    if (used !== null && used !== `refresh-${issued}`)
      return Response.json({ error: 'invalid_grant' }, { status: 400 });
    issued++;
    return Response.json({ access_token: `access-${issued}`, refresh_token: `refresh-${issued}`, expires_in: 300 });
  };
  const session = new Session({
    origin: ORIGIN,
    fetch: fetcher,
    storage,
    now: () => now,
    go: (url) => void went.push(new URL(url, ORIGIN)),
  });
  const back = (): URLSearchParams =>
    new URLSearchParams({ code: 'a-code', state: went.at(-1)?.searchParams.get('state') ?? '' });
  return {
    session,
    kept,
    went,
    asked,
    back,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('the code comes back with its state, and is exchanged with the verifier of its challenge', async () => {
  const { session, kept, went, asked, back } = setUp();
  await session.signIn('/me/record?x=1');
  const { pathname, searchParams: query } = went[0] ?? new URL(ORIGIN);
  expect(pathname).toBe('/oauth/authorize');
  expect(query.get('redirect_uri')).toBe(`${ORIGIN}/signed-in`);
  expect(query.get('code_challenge_method')).toBe('S256');
  expect(await session.complete(back())).toBe('/me/record?x=1');
  const verifier = asked[0]?.get('code_verifier') ?? '';
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  expect(Buffer.from(digest).toString('base64url')).toBe(query.get('code_challenge'));
  expect(await session.token()).toBe('access-1');
  expect(JSON.stringify([...kept])).not.toMatch(/access|refresh/);
});

test('a state that is not ours, or comes twice, signs nobody in', async () => {
  const { session, asked, back } = setUp();
  await session.signIn('/me');
  const answer = back();
  await expect(session.complete(new URLSearchParams({ code: 'evil', state: 'other' }))).rejects.toBeInstanceOf(
    SignInError,
  );
  await expect(session.complete(answer)).rejects.toBeInstanceOf(SignInError);
  expect(asked).toEqual([]);
  expect(session.signedIn).toBe(false);
});

test('many requests at the end of a token share one renewal', async () => {
  const { session, asked, back, pass } = setUp();
  await session.signIn('/me');
  await session.complete(back());
  pass(290_000);
  const tokens = await Promise.all(Array.from({ length: 20 }, () => session.token()));
  expect(new Set(tokens)).toEqual(new Set(['access-2']));
  expect(asked).toHaveLength(2);
});

test('a token that was renewed meanwhile is not renewed again', async () => {
  const { session, asked, back } = setUp();
  await session.signIn('/me');
  await session.complete(back());
  expect(await session.refused('access-1')).toBe(true);
  expect(await session.refused('access-1')).toBe(true);
  expect(asked).toHaveLength(2);
});

test.each([
  ['/me', '/me'],
  ['/me?x=1#top', '/me?x=1'],
  ['https://elsewhere.example/', '/'],
  ['//elsewhere.example/', '/'],
  ['/\\elsewhere.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['', '/'],
])('%s is followed as %s', (given, expected) => {
  expect(ownPath(given)).toBe(expected);
});

test('a token that the server binds to the key of the browser is presented with a proof', async () => {
  const key = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  const asked: Headers[] = [];
  const kept = new Map<string, string>();
  const went: URL[] = [];
  const session = new Session({
    origin: ORIGIN,
    fetch: async (_input, init) => {
      asked.push(new Headers(init?.headers));
      // a clock that is an hour ahead: the first proof comes too late
      if (asked.length === 1) {
        const date = new Date(1_000_000 + 3_600_000).toUTCString();
        return Response.json({ error: 'invalid_dpop_proof' }, { status: 400, headers: { date } });
      }
      return Response.json({ access_token: 'access', token_type: 'DPoP', expires_in: 300 });
    },
    storage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => void kept.set(name, value),
      removeItem: (name: string) => void kept.delete(name),
    } as Storage,
    now: () => 1_000_000,
    go: (url) => void went.push(new URL(url, ORIGIN)),
    key: async () => key,
  });
  await session.signIn('/me');
  await session.complete(new URLSearchParams({ code: 'c', state: went[0]?.searchParams.get('state') ?? '' }));
  const claims = (proof: string | null | undefined) =>
    JSON.parse(Buffer.from(proof?.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  expect(claims(asked[1]?.get('dpop'))).toMatchObject({ htm: 'POST', htu: `${ORIGIN}/oauth/token`, iat: 4600 });
  const headers = await session.headers('access', 'GET', '/fhir/Patient?name=x');
  expect(headers.authorization).toBe('DPoP access');
  expect(claims(headers.dpop)).toMatchObject({ htm: 'GET', htu: `${ORIGIN}/fhir/Patient` });
});
