import { hash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';

/** The request that a proof must be for. */
export interface ProvenRequest {
  method: string;
  /** Without query and fragment, such as `https://records.example.org/fhir/Patient/1`. */
  url: string;
  /** The DPoP header. */
  proof: string | undefined;
}

const ALGORITHMS = ['ES256', 'ES384', 'Ed25519', 'EdDSA', 'RS256', 'PS256'];
/** How old a proof may be, or how far ahead its clock, in seconds. */
const WINDOW = 60;
const LONGEST = 4096;
const MOST_REMEMBERED = 200_000;

/**
 * Proofs of possession (RFC 9449 §4.3): a token that is bound to a key opens nothing without a fresh signature by it over
 * this very request. Each proof is good once. Used ones are remembered in this process: behind several processes a proof
 * could be replayed once in each, for a minute, for the same method and URL.
 */
export class DpopProofs {
  readonly #now: () => number;
  /** Proofs by their end; in order of arrival, so that the oldest stand first. */
  readonly #used = new Map<string, number>();

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether the proof is good for this request, token and key, and was not used before. */
  async isGood(request: ProvenRequest, token: string, keyThumbprint: string): Promise<boolean> {
    const { proof } = request;
    if (proof === undefined || proof.length > LONGEST) return false;
    try {
      const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
        typ: 'dpop+jwt',
        algorithms: ALGORITHMS,
        currentDate: new Date(this.#now()),
      });
      const { jti, iat, htm, htu, ath } = payload;
      const { jwk } = protectedHeader;
      if (typeof jti !== 'string' || jti.length === 0 || typeof iat !== 'number' || jwk === undefined) return false;
      if (Math.abs(this.#now() / 1000 - iat) > WINDOW) return false;
      if (htm !== request.method || typeof htu !== 'string' || bare(htu) !== bare(request.url)) return false;
      if (ath !== hash('sha256', token, 'base64url')) return false;
      if ((await calculateJwkThumbprint(jwk)) !== keyThumbprint) return false;
      return this.#first(`${keyThumbprint}/${jti}`);
    } catch {
      // the library throws for every way in which a proof can be wrong
      return false;
    }
  }

  #first(name: string): boolean {
    const now = this.#now();
    for (const [used, until] of this.#used) {
      if (until > now) break;
      this.#used.delete(used);
    }
    // full of proofs that are still good: nothing may be forgotten, so nothing new is believed
    if (this.#used.has(name) || this.#used.size >= MOST_REMEMBERED) return false;
    this.#used.set(name, now + 2 * WINDOW * 1000);
    return true;
  }
}

function bare(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  return `${url.origin}${url.pathname}`;
}
