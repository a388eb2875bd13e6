import { hash, randomBytes } from 'node:crypto';
import { type Vault, VaultConflict } from '@meridian/records';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { request } from 'undici';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import { cookieOf, type OAuthRequest } from './oauth-request.ts';

/** An identity provider elsewhere, such as a hospital's directory. */
export interface ExternalSettings {
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
  /** As shown on the sign-in page. */
  name: string;
}

interface Discovered {
  authorization: string;
  token: string;
  keys: ReturnType<typeof createRemoteJWKSet>;
}

type Begun = { uid: string; verifier: string; nonce: string; browser: string };
type Verified = { issuer: string; subject: string };

const LIFETIME = 10 * 60_000;
const LARGEST_ANSWER = 256 * 1024;
const TIMEOUT = 10_000;

/**
 * Sign-in by an external OpenID Connect provider: the code flow with PKCE, state, nonce and the `iss` of the answer
 * (RFC 9207). Only the issuer and subject of the verified identity token count; e-mail addresses and names do not, because
 * some providers let their users choose those.
 */
export class ExternalSignIn {
  readonly #settings: ExternalSettings;
  readonly #vault: Vault;
  readonly #origin: string;
  readonly #now: () => number;
  #discovered: Promise<Discovered> | undefined;

  constructor(settings: ExternalSettings, vault: Vault, origin: string, now: () => number) {
    this.#settings = settings;
    this.#vault = vault;
    this.#origin = origin;
    this.#now = now;
  }

  get name(): string {
    return this.#settings.name;
  }

  /** Where the browser goes, and the cookie that ties the way back to this browser. */
  async begin(uid: string): Promise<{ url: string; cookie: string }> {
    const { authorization } = await this.#discover();
    const [state, verifier, nonce, browser] = [random(), random(), random(), random()];
    const content: Begun = { uid, verifier, nonce, browser: hash('sha256', browser, 'base64url') };
    await this.#vault.change([
      { op: 'put', kind: 'other', id: `external/${state}`, content, expires: this.#now() + LIFETIME, revision: 0 },
    ]);
    const url = new URL(authorization);
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: this.#settings.clientId,
      redirect_uri: this.#redirectUri,
      scope: 'openid',
      state,
      nonce,
      code_challenge: hash('sha256', verifier, 'base64url'),
      code_challenge_method: 'S256',
    })) {
      url.searchParams.set(name, value);
    }
    const secure = this.#origin.startsWith('https:') ? '; Secure' : '';
    const cookie = `${this.#cookie}=${browser}; Path=/oauth/external; HttpOnly; SameSite=Lax; Max-Age=600${secure}`;
    return { url: url.href, cookie };
  }

  /** `GET /oauth/external/callback`: verifies, keeps what was verified for the interaction, and leads back to its page. */
  async callback({ message, query }: OAuthRequest): Promise<Answer> {
    const begun = await this.#takeBegun(query.get('state') ?? '');
    const browser = cookieOf(message, this.#cookie);
    if (begun === undefined || browser === undefined || hash('sha256', browser, 'base64url') !== begun.browser) {
      throw refusal(400, 'expired', 'This sign-in is over or was begun in another browser; begin again.');
    }
    const issuer = query.get('iss');
    const code = query.get('code');
    if (issuer !== null && issuer !== this.#settings.issuer) throw failed();
    if (code !== null) {
      const content: Verified = { issuer: this.#settings.issuer, subject: await this.#subject(code, begun) };
      await this.#vault.change([
        { op: 'put', kind: 'other', id: `external-done/${begun.uid}`, content, expires: this.#now() + LIFETIME },
      ]);
    }
    const outcome = code === null ? 'refused' : 'done';
    return { status: 303, headers: { location: `${this.#origin}/sign-in/${begun.uid}?external=${outcome}` } };
  }

  /** What was verified for an interaction; once. */
  async take(uid: string): Promise<Verified | undefined> {
    const id = `external-done/${uid}`;
    const found = await this.#vault.get<Verified>('other', id);
    if (found === undefined) return undefined;
    return (await this.#remove(id, found.revision)) ? found.content : undefined;
  }

  async #takeBegun(state: string): Promise<Begun | undefined> {
    if (!/^[\w-]{43}$/.test(state)) return undefined;
    const id = `external/${state}`;
    const found = await this.#vault.get<Begun>('other', id);
    if (found === undefined) return undefined;
    return (await this.#remove(id, found.revision)) ? found.content : undefined;
  }

  async #remove(id: string, revision: number): Promise<boolean> {
    try {
      await this.#vault.change([{ op: 'remove', kind: 'other', id, revision }]);
      return true;
    } catch (error) {
      if (error instanceof VaultConflict) return false;
      throw error;
    }
  }

  async #subject(code: string, { verifier, nonce }: Begun): Promise<string> {
    const { token, keys } = await this.#discover();
    const { issuer, clientId, clientSecret } = this.#settings;
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.#redirectUri,
      code_verifier: verifier,
      ...(clientSecret === undefined && { client_id: clientId }),
    });
    const basic = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret ?? '')}`;
    const answer = await json(token, {
      method: 'POST',
      body: form.toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(clientSecret !== undefined && { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
      },
    });
    const idToken = answer.id_token;
    if (typeof idToken !== 'string') throw failed();
    const { payload } = await jwtVerify(idToken, keys, {
      issuer,
      audience: clientId,
      algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
      currentDate: new Date(this.#now()),
      clockTolerance: 30,
    }).catch(() => {
      throw failed();
    });
    if (payload.nonce !== nonce || payload.sub === undefined) throw failed();
    return payload.sub;
  }

  #discover(): Promise<Discovered> {
    this.#discovered ??= discover(this.#settings.issuer);
    // tried again the next time
    this.#discovered.catch(() => {
      this.#discovered = undefined;
    });
    return this.#discovered;
  }

  get #redirectUri(): string {
    return `${this.#origin}/oauth/external/callback`;
  }

  get #cookie(): string {
    return `${this.#origin.startsWith('https:') ? '__Secure-' : ''}meridian-external`;
  }
}

async function discover(issuer: string): Promise<Discovered> {
  const found = await json(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { method: 'GET' });
  const { issuer: named, authorization_endpoint: authorization, token_endpoint: token, jwks_uri: jwks } = found;
  if (named !== issuer || typeof authorization !== 'string' || typeof token !== 'string' || typeof jwks !== 'string') {
    throw failed();
  }
  return { authorization, token, keys: createRemoteJWKSet(new URL(jwks), { timeoutDuration: TIMEOUT }) };
}

async function json(
  url: string,
  options: { method: 'GET' | 'POST'; body?: string; headers?: Record<string, string> },
): Promise<Record<string, unknown>> {
  try {
    const { statusCode, body } = await request(url, { ...options, headersTimeout: TIMEOUT, bodyTimeout: TIMEOUT });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LARGEST_ANSWER) throw failed();
      chunks.push(chunk);
    }
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (statusCode !== 200 || typeof value !== 'object' || value === null) throw failed();
    return value as Record<string, unknown>;
  } catch {
    throw failed();
  }
}

function failed(): Error {
  return refusal(502, 'login', 'The external identity provider did not answer as it should; sign in another way.');
}

function random(): string {
  return randomBytes(32).toString('base64url');
}
