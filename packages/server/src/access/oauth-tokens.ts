import type { Vault } from '@meridian/records';
import type { Viewer } from '@meridian/viewing';
import { createLocalJWKSet, type JWK, type JWTPayload, jwtVerify } from 'jose';
import type { Clients } from '../identity/clients.ts';
import { type KnownAccount, type Viewers, viewerOf } from '../identity/viewers.ts';

/** What a good access token of the sign-in server says. */
export interface OAuthBearer {
  viewer: Viewer;
  /** Epoch seconds. */
  expires: number;
  issued: number;
  client: string;
  /** Documents of the vault with which the token ends: `kind/id`. */
  dependsOn: readonly string[];
}

export interface OAuthTokensParts {
  issuer: string;
  /** The base URL of the FHIR server. */
  audience: string;
  /** Private or public; only public members are used. */
  jwks: { keys: JWK[] };
  vault: Vault;
  viewers: Viewers;
  clients: Clients;
  now: () => number;
}

const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use'] as const;
const CLOCK_SKEW_SECONDS = 5;

/**
 * Verifies access tokens of the sign-in server (RFC 9068). A token is good only while the grant it was given under is
 * there, so that ending a session ends its tokens at once although they are signed and not stored.
 */
export class OAuthTokens {
  readonly #parts: OAuthTokensParts;
  readonly #keys: ReturnType<typeof createLocalJWKSet>;

  constructor(parts: OAuthTokensParts) {
    this.#parts = parts;
    // only the key of access tokens: an identity token, signed with another, can never stand in for one
    const keys = parts.jwks.keys.filter(({ alg }) => alg === 'ES256');
    this.#keys = createLocalJWKSet({ keys: keys.map(publicPart) });
  }

  get issuer(): string {
    return this.#parts.issuer;
  }

  /** Undefined where the token is not good, or what it was given under has ended. */
  async check(token: string): Promise<OAuthBearer | undefined> {
    const payload = await this.#verified(token);
    if (payload === undefined) return undefined;
    const { sub, exp = 0, iat = 0, client_id: client, grant } = payload;
    if (typeof sub !== 'string' || typeof client !== 'string') return undefined;
    const registered = await this.#parts.clients.active(client);
    if (registered === undefined) return undefined;
    const service = registered.kind === 'service';
    const accountId = service ? registered.account : sub;
    const known = accountId === undefined ? undefined : await this.#parts.viewers.of(accountId);
    if (known === undefined || (known.account.kind === 'service') !== service) return undefined;
    const dependsOn = [`account/${known.account.id}`, `client/${client}`];
    if (!service) {
      if (typeof grant !== 'string') return undefined;
      const standing = await this.#parts.vault.get('oidc', `Grant/${grant}`);
      if (standing?.content.accountId !== known.account.id || standing.content.clientId !== client) return undefined;
      dependsOn.push(`oidc/Grant/${grant}`);
    }
    return { viewer: viewerFrom(known, payload), expires: exp, issued: iat, client, dependsOn };
  }

  async #verified(token: string): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        algorithms: ['ES256'],
        issuer: this.#parts.issuer,
        audience: this.#parts.audience,
        typ: 'at+jwt',
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: new Date(this.#parts.now()),
        requiredClaims: ['sub', 'exp', 'iat', 'jti', 'client_id'],
      });
      return payload;
    } catch {
      return undefined;
    }
  }
}

function viewerFrom(known: KnownAccount, payload: JWTPayload): Viewer {
  const { scope, patient, auth_time: authTime, cnf, iat = 0 } = payload;
  const bound = typeof cnf === 'object' && cnf !== null && 'jkt' in cnf ? cnf.jkt : undefined;
  return viewerOf(known, {
    purpose: undefined,
    scope: typeof scope === 'string' ? scope : '',
    launchPatient: typeof patient === 'string' ? patient : undefined,
    authenticatedAt: (typeof authTime === 'number' ? authTime : iat) * 1000,
    keyThumbprint: typeof bound === 'string' ? bound : undefined,
  });
}

function publicPart(jwk: JWK): JWK {
  return Object.fromEntries(
    PUBLIC_MEMBERS.flatMap((name) => (jwk[name] === undefined ? [] : [[name, jwk[name]]])),
  ) as JWK;
}
