import { createHmac, hash, randomUUID } from 'node:crypto';
import type { PostgresVault } from '@meridian/records';
import type { Viewer } from '@meridian/viewing';
import { TokenScopes } from '@meridian/viewing';
import { decodeJwt, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { refusal } from '../http/http-error.ts';
import type { Accounts } from '../identity/accounts.ts';
import { bareViewer, type TokenFacts, type Viewers, viewerOf } from '../identity/viewers.ts';
import { DpopProofs, type ProvenRequest } from './dpop.ts';
import type { OAuthTokens } from './oauth-tokens.ts';
import type { ServerKey } from './server-key.ts';

/** Who holds a verified token, and what it allows. */
export interface Bearer {
  actor: string;
  purpose: string;
  /** Who asks, for those who decide. */
  viewer: Viewer;
  scopes: TokenScopes;
  /** Keyed hash of the actor, for logs and limits. */
  actorHash: string;
  /** Epoch seconds. */
  expires: number;
}

export interface MintRequest {
  /** An account by id, username or resource, such as `Practitioner/8f…`; with `system`, what acts, such as `system`. */
  actor: string;
  /** A program that acts for nobody: its default scope is `system/*.cruds`, a person's `user/*.cruds`. */
  system: boolean;
  expiresInSeconds: number;
  /** SMART App Launch 2 scopes, separated by spaces. */
  scope?: string;
  /** A code of v3-ActReason (PurposeOfUse); by default that of the account's roles, `HOPERAT` for programs. */
  purpose?: string;
}

const ISSUER = 'meridian';
const AUDIENCE = 'meridian:fhir';
const CLOCK_SKEW_SECONDS = 5;
const LONGEST_SECONDS = 24 * 3600;
const MOST_CACHED = 10_000;

/** What makes tokens tokens of accounts. Without it only tokens of this server's own key are known. */
export interface TokenIdentities {
  vault: PostgresVault;
  accounts: Accounts;
  viewers: Viewers;
  oauth: OAuthTokens;
}

/** A verified token, and the documents of the vault (`kind/id`) with which it ends. */
interface Checked {
  bearer: Bearer;
  dependsOn: readonly string[];
}

/**
 * Mints short-lived bearer tokens (JWTs signed with the server's Ed25519 key; RFC 7519, RFC 8037), and verifies these and
 * the access tokens of the sign-in server. A verified token is remembered by its hash until it ends, because a signature
 * check costs 70 µs and every request brings one; it is forgotten at once when what it depends on changes.
 */
export class Tokens {
  readonly #key: ServerKey;
  readonly #now: () => number;
  readonly #identities: TokenIdentities | undefined;
  readonly #proofs: DpopProofs;
  readonly #verified = new Map<string, Checked>();
  /** Counts what was forgotten: a check that began before is not remembered after. */
  #changes = 0;
  #hearing = false;

  /** @param now epoch milliseconds */
  constructor(key: ServerKey, now: () => number, identities?: TokenIdentities) {
    this.#key = key;
    this.#now = now;
    this.#identities = identities;
    this.#proofs = new DpopProofs(now);
    identities?.vault.onChanged((kind, id) => {
      if (kind === 'account' || kind === 'client' || (kind === 'oidc' && id.startsWith('Grant/'))) {
        this.#forget((dependsOn) => dependsOn.includes(`${kind}/${id}`));
      }
    });
    identities?.vault.onHearing((hearing) => {
      this.#hearing = hearing;
      this.#forget((dependsOn) => dependsOn.length > 0);
    });
  }

  /** Throws RangeError for a lifetime that is not between one second and a day. */
  async mint(request: MintRequest): Promise<string> {
    const { expiresInSeconds } = request;
    if (!(expiresInSeconds >= 1 && expiresInSeconds <= LONGEST_SECONDS)) {
      throw new RangeError(`A token may live from 1 second to ${LONGEST_SECONDS} seconds (one day).`);
    }
    const seconds = Math.floor(this.#now() / 1000);
    const scope = request.scope ?? (request.system ? 'system/*.cruds' : 'user/*.cruds');
    const { purpose } = request;
    return new SignJWT({
      scope,
      ...(purpose !== undefined && { purpose_of_use: purpose }),
      ...(request.system && { system: true }),
    })
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

  /**
   * The bearer of a token seen before that is still good; undefined: `verify` must decide. A token that is bound to a key
   * always is for `verify`, because each request needs a proof of its own.
   */
  remembered(authorization: string): Bearer | undefined {
    const bearer = this.#standing(authorization)?.bearer;
    return bearer?.viewer.keyThumbprint === undefined ? bearer : undefined;
  }

  /**
   * Verifies an Authorization header. Throws 401 with `WWW-Authenticate` (RFC 6750 §3, RFC 9449 §7.1).
   *
   * @param request what a token that is bound to a key must be proven for; without it such tokens are refused
   */
  async verify(authorization: string | undefined, request?: ProvenRequest): Promise<Bearer> {
    if (authorization === undefined) {
      throw unauthorized('This request needs a token: sign in, or let `npx meridian token` on the server print one.');
    }
    const [, scheme, token] = /^(Bearer|DPoP) +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization) ?? [];
    if (scheme === undefined || token === undefined || authorization.length > 8192) {
      throw unauthorized('The Authorization header must be "Bearer" and a token of this server.', 'invalid_request');
    }
    const changes = this.#changes;
    const standing = this.#standing(authorization);
    const checked = standing ?? (await this.#check(token));
    await this.#requireProof(checked.bearer, scheme.toLowerCase() === 'dpop', token, request);
    if (!standing && changes === this.#changes) this.#remember(authorization, checked);
    return checked.bearer;
  }

  #standing(authorization: string): Checked | undefined {
    const checked = this.#verified.get(hash('sha256', authorization));
    return checked !== undefined && checked.bearer.expires * 1000 > this.#now() ? checked : undefined;
  }

  async #requireProof(
    { viewer }: Bearer,
    proven: boolean,
    token: string,
    request: ProvenRequest | undefined,
  ): Promise<void> {
    const { keyThumbprint } = viewer;
    // a stolen bound token must not pass as a plain one (RFC 9449 §7.2)
    if ((keyThumbprint !== undefined) !== proven) {
      throw unauthorized('A token that is bound to a key is sent as "DPoP", any other as "Bearer".', 'invalid_token');
    }
    if (keyThumbprint === undefined) return;
    if (request === undefined || !(await this.#proofs.isGood(request, token, keyThumbprint))) {
      const sentence =
        'The DPoP proof is not good for this request, token and key, or was used before; sign a new one.';
      throw unauthorized(sentence, 'invalid_dpop_proof', 'DPoP');
    }
  }

  async #check(token: string): Promise<Checked> {
    const oauth = this.#identities?.oauth;
    const checked =
      oauth && issuerOf(token) === oauth.issuer ? await this.#checkOAuth(oauth, token) : await this.#checkOwn(token);
    if (checked === undefined) {
      throw unauthorized('The token is not valid here or has expired; get a new one.', 'invalid_token');
    }
    return checked;
  }

  async #checkOAuth(oauth: OAuthTokens, token: string): Promise<Checked | undefined> {
    const good = await oauth.check(token);
    return good && { bearer: this.#bearer(good.viewer, good.expires), dependsOn: good.dependsOn };
  }

  async #checkOwn(token: string): Promise<Checked | undefined> {
    const payload = await this.#verifyOwn(token);
    if (payload === undefined) return undefined;
    const { sub = '', exp = 0, iat = 0, scope, purpose_of_use: purpose, system } = payload;
    const facts: TokenFacts = {
      purpose: typeof purpose === 'string' ? purpose : undefined,
      scope: typeof scope === 'string' ? scope : '',
      launchPatient: undefined,
      // whoever mints tokens has the server's key
      authenticatedAt: iat * 1000,
      keyThumbprint: undefined,
    };
    const named = system === true ? undefined : await this.#identities?.accounts.named(sub);
    if (named === undefined) {
      return { bearer: this.#bearer(bareViewer(sub, system === true, facts), exp), dependsOn: [] };
    }
    const known = await this.#identities?.viewers.of(named.account.id);
    if (known === undefined) return undefined;
    return { bearer: this.#bearer(viewerOf(known, facts), exp), dependsOn: [`account/${named.account.id}`] };
  }

  async #verifyOwn(token: string): Promise<JWTPayload | undefined> {
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
      return payload;
    } catch {
      return undefined;
    }
  }

  #bearer(viewer: Viewer, expires: number): Bearer {
    const { actor, purpose, scope } = viewer;
    return {
      actor,
      purpose,
      viewer,
      scopes: new TokenScopes(scope),
      actorHash: createHmac('sha256', this.#key.logKey).update(actor).digest('hex').slice(0, 16),
      expires,
    };
  }

  #remember(authorization: string, checked: Checked): void {
    // while changes of other processes cannot be heard, what they could end is checked each time
    if (checked.dependsOn.length > 0 && !this.#hearing) return;
    if (this.#verified.size >= MOST_CACHED) {
      const oldest = this.#verified.keys().next().value;
      if (oldest !== undefined) this.#verified.delete(oldest);
    }
    this.#verified.set(hash('sha256', authorization), checked);
  }

  #forget(ended: (dependsOn: readonly string[]) => boolean): void {
    this.#changes++;
    for (const [name, { dependsOn }] of this.#verified) if (ended(dependsOn)) this.#verified.delete(name);
  }
}

/** Who says to have issued a token, before anything of it is believed. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

function unauthorized(sentence: string, error?: string, scheme = 'Bearer'): Error {
  const challenge = error === undefined ? `${scheme} realm="meridian"` : `${scheme} realm="meridian", error="${error}"`;
  return refusal(401, 'login', sentence, { 'www-authenticate': challenge });
}
