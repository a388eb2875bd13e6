import type { Credentials } from '../api/http.ts';
import { outcomeOf } from '../api/http.ts';
import { dpopProof } from './dpop-key.ts';
import { newPkce, randomText } from './pkce.ts';

/** The registered public client of this application (docs/sign-in.md). */
const CLIENT = 'meridian-web';
const SCOPE = 'openid fhirUser user/*.cruds';
const PENDING = 'meridian.sign-in';
/** A token that ends sooner than this is renewed before it is used. */
const MARGIN_MS = 30_000;

interface Tokens {
  access: string;
  refresh: string | undefined;
  /** Epoch milliseconds. */
  ends: number;
  /** The server has bound it to the key of this browser (RFC 9449): each use needs a proof. */
  bound: boolean;
}

/** Survives the way to the server and back; holds no token. */
interface Pending {
  state: string;
  verifier: string;
  returnTo: string;
}

export interface SessionParts {
  origin: string;
  fetch: typeof fetch;
  storage: Storage;
  now: () => number;
  /** Leaves the page. */
  go: (url: string) => void;
  /** The key of this browser; absent, or rejecting where the browser keeps none: tokens are bound to nothing. */
  key?: () => Promise<CryptoKeyPair>;
}

/** Sign-in did not come to an end; the message says what to do. */
export class SignInError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SignInError';
  }
}

/**
 * Who is signed in, by the authorization code flow with PKCE (RFC 6749, RFC 7636; RFC 9700 for browsers). Tokens are kept
 * in memory only: a reload goes through the authorization endpoint again, which knows the browser by its cookie.
 */
export class Session implements Credentials {
  readonly #parts: SessionParts;
  #tokens: Tokens | undefined;
  /** Rotation makes a refresh token good for once: all who wait share one request. */
  #renewing: Promise<boolean> | undefined;
  readonly #listeners = new Set<() => void>();
  /** Milliseconds by which the server's clock is ahead of this one: a proof says when it was made. */
  #ahead = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get signedIn(): boolean {
    return this.#tokens !== undefined;
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async token(): Promise<string | undefined> {
    const tokens = this.#tokens;
    if (tokens && tokens.ends - MARGIN_MS <= this.#parts.now()) await this.#renew();
    return this.#tokens?.access;
  }

  async refused(token: string): Promise<boolean> {
    if (this.#tokens === undefined) return false;
    // another request has renewed it already
    if (this.#tokens.access !== token) return true;
    return this.#renew();
  }

  /** The Authorization of a request, with a proof of the key where the token is bound to one. */
  async headers(token: string, method: string, path: string): Promise<Record<string, string>> {
    const proof = this.#tokens?.bound === true ? await this.#proof(method, path, token) : undefined;
    return proof === undefined ? { authorization: `Bearer ${token}` } : { authorization: `DPoP ${token}`, dpop: proof };
  }

  /** Goes to the sign-in of the server. `returnTo` is a path of this application. */
  async signIn(returnTo: string, prompt?: 'login'): Promise<void> {
    const { verifier, challenge } = await newPkce();
    const pending: Pending = { state: randomText(), verifier, returnTo: ownPath(returnTo) };
    this.#parts.storage.setItem(PENDING, JSON.stringify(pending));
    const query = new URLSearchParams({
      client_id: CLIENT,
      response_type: 'code',
      redirect_uri: this.#redirectUri,
      scope: SCOPE,
      state: pending.state,
      nonce: randomText(),
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...(prompt !== undefined && { prompt }),
    });
    this.#parts.go(`/oauth/authorize?${query}`);
  }

  /** What the server has sent the browser back with; gives the path to go on with. Throws SignInError. */
  async complete(query: URLSearchParams): Promise<string> {
    const { storage } = this.#parts;
    const pending = pendingOf(storage.getItem(PENDING));
    storage.removeItem(PENDING);
    if (pending === undefined || query.get('state') !== pending.state) {
      throw new SignInError('This sign-in was not begun here, or is over already. Sign in again.');
    }
    const code = query.get('code');
    if (code === null) throw new SignInError(query.get('error_description') ?? 'Sign-in was not completed.');
    await this.#request({
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.#redirectUri,
      code_verifier: pending.verifier,
    });
    return pending.returnTo;
  }

  /** Ends the account's sessions here and at the server, on every device: a forgotten one must not stay open. */
  async signOut(): Promise<void> {
    const path = '/oauth/account/sign-out';
    const token = await this.token().catch(() => undefined);
    const authorization = token === undefined ? {} : await this.headers(token, 'POST', path);
    this.#set(undefined);
    const headers = { 'content-type': 'application/json', ...authorization };
    const ask = { method: 'POST', credentials: 'same-origin', headers, body: '{}' } as const;
    await this.#parts.fetch.call(undefined, path, ask).catch(() => undefined);
    this.#parts.go('/');
  }

  get #redirectUri(): string {
    return `${this.#parts.origin}/signed-in`;
  }

  #renew(): Promise<boolean> {
    this.#renewing ??= this.#refresh().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #refresh(): Promise<boolean> {
    const refresh = this.#tokens?.refresh;
    if (refresh !== undefined) {
      try {
        await this.#request({ grant_type: 'refresh_token', refresh_token: refresh });
        return true;
      } catch (error) {
        // a line that is down for a moment must not sign anybody out
        if (!(error instanceof SignInError)) return false;
      }
    }
    this.#set(undefined);
    return false;
  }

  async #request(grant: Readonly<Record<string, string>>): Promise<void> {
    const first = await this.#post('/oauth/token', { client_id: CLIENT, ...grant });
    const answer = (await this.#isLate(first))
      ? await this.#post('/oauth/token', { client_id: CLIENT, ...grant })
      : first;
    const body = (await answer.json().catch(() => undefined)) as
      | { access_token?: string; refresh_token?: string; expires_in?: number; token_type?: string }
      | undefined;
    if (!answer.ok || typeof body?.access_token !== 'string') {
      throw new SignInError(outcomeOf(body).sentence ?? 'The server did not accept the sign-in. Sign in again.');
    }
    const { access_token: access, refresh_token: refresh, expires_in: seconds = 60, token_type: type = '' } = body;
    const bound = type.toLowerCase() === 'dpop';
    this.#set({ access, refresh, ends: this.#parts.now() + seconds * 1000, bound });
  }

  /** Whether the server did not take a proof whose clock is now known to have been wrong. */
  async #isLate(answer: Response): Promise<boolean> {
    const served = Date.parse(answer.headers.get('date') ?? '');
    const before = this.#ahead;
    if (!Number.isNaN(served)) this.#ahead = served - this.#parts.now();
    if (answer.ok || Math.abs(this.#ahead - before) < MARGIN_MS) return false;
    const body: unknown = await answer
      .clone()
      .json()
      .catch(() => undefined);
    return outcomeOf(body).code === 'invalid_dpop_proof';
  }

  /** Undefined where the browser keeps no key. */
  async #proof(method: string, path: string, accessToken?: string): Promise<string | undefined> {
    const { key, origin, now } = this.#parts;
    try {
      const pair = await key?.();
      const about = { method, url: `${origin}${path}`, now: now() + this.#ahead, id: randomText() };
      return pair && (await dpopProof(pair, { ...about, ...(accessToken !== undefined && { accessToken }) }));
    } catch {
      return undefined;
    }
  }

  async #post(path: string, form: Readonly<Record<string, string>>): Promise<Response> {
    const proof = await this.#proof('POST', path);
    return this.#parts.fetch.call(undefined, path, {
      method: 'POST',
      credentials: 'same-origin',
      cache: 'no-store',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        ...(proof !== undefined && { dpop: proof }),
      },
      body: new URLSearchParams(form),
    });
  }

  #set(tokens: Tokens | undefined): void {
    this.#tokens = tokens;
    for (const listener of this.#listeners) listener();
  }
}

/** Only a path of this origin: what comes from a URL must not lead elsewhere. */
export function ownPath(path: string): string {
  const base = 'https://own.invalid';
  if (!path.startsWith('/') || !URL.canParse(path, base)) return '/';
  const url = new URL(path, base);
  return url.origin === base ? `${url.pathname}${url.search}` : '/';
}

function pendingOf(text: string | null): Pending | undefined {
  try {
    const { state, verifier, returnTo } = JSON.parse(text ?? '') as Partial<Pending>;
    if (typeof state !== 'string' || typeof verifier !== 'string' || typeof returnTo !== 'string') return undefined;
    return { state, verifier, returnTo: ownPath(returnTo) };
  } catch {
    return undefined;
  }
}
