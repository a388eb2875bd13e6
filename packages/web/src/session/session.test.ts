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
