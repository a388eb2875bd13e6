import type { Grant } from '@meridian/viewing';
import { jwtVerify, SignJWT } from 'jose';
import type { ServerKey } from '../access/server-key.ts';

const ISSUER = 'meridian';
const AUDIENCE = 'meridian:viewing';
const TYPE = 'viewing+jwt';
/** Tokens presented with one request. */
const MOST = 5;

/**
 * Viewing tokens: what a grant looks like in the viewer's hands. A JWT that names the grant and the key to which it is
 * bound (`cnf.jkt`, RFC 7800 §3.1 and RFC 9449 §6); without a proof of that key it opens nothing.
 */
export class ViewingTokens {
  readonly #key: ServerKey;
  readonly #now: () => number;

  /** @param now epoch milliseconds */
  constructor(key: ServerKey, now: () => number) {
    this.#key = key;
    this.#now = now;
  }

  /** @param grant bound to a key */
  async mint(grant: Grant): Promise<string> {
    if (grant.keyThumbprint === undefined) throw new RangeError('a viewing token needs a key to be bound to');
    return new SignJWT({ cnf: { jkt: grant.keyThumbprint } })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.#key.id, typ: TYPE })
      .setSubject(grant.account)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setJti(grant.id)
      .setIssuedAt(Math.floor(this.#now() / 1000))
      .setExpirationTime(Math.floor(grant.until / 1000))
      .sign(this.#key.privateKey);
  }

  /**
   * The ids of the grants whose tokens stand in a `Viewing-Token` header, as far as they belong to this account and key.
   * A token that is not good is passed over: it opens nothing, and says nothing.
   */
  async presented(header: string | undefined, account: string, thumbprint: string | undefined): Promise<string[]> {
    if (header === undefined || thumbprint === undefined) return [];
    const tokens = header.split(',', MOST).map((token) => token.trim());
    const ids = await Promise.all(tokens.map((token) => this.#grantOf(token, account, thumbprint)));
    return [...new Set(ids.filter((id) => id !== undefined))];
  }

  async #grantOf(token: string, account: string, thumbprint: string): Promise<string | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key.publicKey, {
        algorithms: ['EdDSA'],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: TYPE,
        subject: account,
        currentDate: new Date(this.#now()),
        requiredClaims: ['exp', 'jti', 'cnf'],
      });
      const { jkt } = payload.cnf as { jkt?: unknown };
      return jkt === thumbprint ? payload.jti : undefined;
    } catch {
      return undefined;
    }
  }
}
