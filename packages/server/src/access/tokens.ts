import { createHmac, hash, randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { refusal } from '../http/http-error.ts';
import { Scopes } from './scopes.ts';
import type { ServerKey } from './server-key.ts';

/** Who holds a verified token, and what it allows. */
export interface Bearer {
  actor: string;
  purpose: string;
  scopes: Scopes;
  /** Keyed hash of the actor, for logs and limits. */
  actorHash: string;
  /** Epoch seconds. */
  expires: number;
}

export interface MintRequest {
  /** The account, such as `Practitioner/8f…`; with `system`, what acts, such as `system`. */
  actor: string;
  /** A program that acts for nobody: its default scope is `system/*.cruds`, a person's `user/*.cruds`. */
  system: boolean;
  expiresInSeconds: number;
  /** SMART App Launch 2 scopes, separated by spaces. */
  scope?: string;
  /** A code of v3-ActReason (PurposeOfUse); `TREAT` for people and `HOPERAT` for programs by default. */
  purpose?: string;
}

const ISSUER = 'meridian';
const AUDIENCE = 'meridian:fhir';
const CLOCK_SKEW_SECONDS = 5;
const LONGEST_SECONDS = 24 * 3600;
const MOST_CACHED = 10_000;

/**
 * Mints and verifies short-lived bearer tokens: JWTs signed with the server's Ed25519 key (RFC 7519, RFC 8037).
 * A verified token is remembered by its hash until it ends, because a signature check costs 70 µs and every request
 * brings one.
 */
export class Tokens {
  readonly #key: ServerKey;
  readonly #now: () => number;
  readonly #verified = new Map<string, Bearer>();

  /** @param now epoch milliseconds */
  constructor(key: ServerKey, now: () => number) {
    this.#key = key;
    this.#now = now;
  }

  /** Throws RangeError for a lifetime that is not between one second and a day. */
  async mint(request: MintRequest): Promise<string> {
    const { expiresInSeconds } = request;
    if (!(expiresInSeconds >= 1 && expiresInSeconds <= LONGEST_SECONDS)) {
      throw new RangeError(`A token may live from 1 second to ${LONGEST_SECONDS} seconds (one day).`);
    }
    const seconds = Math.floor(this.#now() / 1000);
    const scope = request.scope ?? (request.system ? 'system/*.cruds' : 'user/*.cruds');
    const purpose = request.purpose ?? (request.system ? 'HOPERAT' : 'TREAT');
    return new SignJWT({ scope, purpose_of_use: purpose })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.#key.id, typ: 'at+jwt' })
      .setSubject(request.actor)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(seconds)
      .setNotBefore(seconds)
      .setExpirationTime(seconds + Math.floor(expiresInSeconds))
      .setJti(randomUUID())
      .sign(this.#key.privateKey);
  }

  /** The bearer of a token seen before that is still good; undefined: `verify` must decide. */
  remembered(authorization: string): Bearer | undefined {
    const bearer = this.#verified.get(hash('sha256', authorization));
    return bearer !== undefined && bearer.expires * 1000 > this.#now() ? bearer : undefined;
  }

  /** Verifies an Authorization header. Throws 401 with `WWW-Authenticate` (RFC 6750 §3). */
  async verify(authorization: string | undefined): Promise<Bearer> {
    if (authorization === undefined) {
      throw unauthorized(
        'This request needs a bearer token; `npx meridian token` on the server prints one.',
        undefined,
      );
    }
    const remembered = this.remembered(authorization);
    if (remembered) return remembered;
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
    if (token === undefined || authorization.length > 8192) {
      throw unauthorized('The Authorization header must be "Bearer" and a token of this server.', 'invalid_request');
    }
    const bearer = await this.#check(token);
    this.#remember(authorization, bearer);
    return bearer;
  }

  async #check(token: string): Promise<Bearer> {
    try {
      const { payload } = await jwtVerify(token, this.#key.publicKey, {
        algorithms: ['EdDSA'],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: 'at+jwt',
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: new Date(this.#now()),
        requiredClaims: ['sub', 'exp', 'nbf', 'jti', 'scope'],
      });
      const { sub = '', exp = 0, scope, purpose_of_use: purpose } = payload;
      return {
        actor: sub,
        purpose: typeof purpose === 'string' ? purpose : 'TREAT',
        scopes: new Scopes(typeof scope === 'string' ? scope : ''),
        actorHash: createHmac('sha256', this.#key.logKey).update(sub).digest('hex').slice(0, 16),
        expires: exp,
      };
    } catch {
      throw unauthorized('The token is not valid here or has expired; get a new one.', 'invalid_token');
    }
  }

  #remember(authorization: string, bearer: Bearer): void {
    if (this.#verified.size >= MOST_CACHED) {
      const oldest = this.#verified.keys().next().value;
      if (oldest !== undefined) this.#verified.delete(oldest);
    }
    this.#verified.set(hash('sha256', authorization), bearer);
  }
}

function unauthorized(sentence: string, error: string | undefined): Error {
  const challenge = error === undefined ? 'Bearer realm="meridian"' : `Bearer realm="meridian", error="${error}"`;
  return refusal(401, 'login', sentence, { 'www-authenticate': challenge });
}
