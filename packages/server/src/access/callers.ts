import type { IncomingMessage } from 'node:http';
import { EVERYTHING, plainContext } from '@meridian/records';
import { callerAddress } from '../http/caller-address.ts';
import { refusal } from '../http/http-error.ts';
import type { RateLimiter } from '../http/rate-limit.ts';
import type { Known } from '../http/request-shell.ts';
import type { Viewing } from '../viewing/open-viewing.ts';
import type { Caller } from '../viewing/viewing-api.ts';
import type { ProvenRequest } from './dpop.ts';
import type { Bearer, Tokens } from './tokens.ts';
import { contextOf } from './visibility-of.ts';

export interface CallersParts {
  tokens: Tokens;
  viewing: Pick<Viewing, 'grants' | 'viewingTokens'>;
  limiter: RateLimiter;
  /** Before `/fhir`. */
  origin: string;
  /** See `callerAddress`. */
  proxies: ReadonlySet<string>;
}

/** Who asks, how much they may ask, and what they brought with them. */
export class Callers {
  readonly #parts: CallersParts;

  constructor(parts: CallersParts) {
    this.#parts = parts;
  }

  /** See `callerAddress`. */
  address(message: IncomingMessage): string {
    return callerAddress(message, this.#parts.proxies);
  }

  /** Throws 429 where the caller sends too much. @param caller by default the address */
  limit(message: IncomingMessage, limiter = this.#parts.limiter, caller = this.address(message)): void {
    const wait = limiter.take(caller);
    if (wait === 0) return;
    throw refusal(429, 'throttled', 'Too many requests; wait as long as Retry-After says.', {
      'retry-after': String(wait),
    });
  }

  /** Who asks. Limits come first, so that guessing tokens is slow. */
  async bearer(message: IncomingMessage, known: Known): Promise<Bearer> {
    const { tokens, limiter } = this.#parts;
    const { authorization } = message.headers;
    const remembered = authorization === undefined ? undefined : tokens.remembered(authorization);
    this.limit(message, limiter, remembered?.actorHash);
    const bearer = remembered ?? (await tokens.verify(authorization, this.#provenRequest(message)));
    known.actor = bearer.actorHash;
    return bearer;
  }

  /**
   * The bearer with the grants whose viewing tokens came along. Each use is counted and on record before anything is read;
   * a token that is not good opens nothing, and the request is answered as if it had not come.
   */
  async withGrants(bearer: Bearer, message: IncomingMessage, known: Known): Promise<Bearer> {
    const presented = message.headers['viewing-token'];
    const { viewer } = bearer;
    if (presented === undefined || viewer.account === undefined) return bearer;
    const { grants, viewingTokens } = this.#parts.viewing;
    const ids = await viewingTokens.presented(String(presented), viewer.account, viewer.keyThumbprint);
    const presentedGrants = await grants.used(ids, callerOf(bearer, known.requestId).context);
    return { ...bearer, viewer: { ...viewer, presentedGrants } };
  }

  /** What a DPoP proof must be for: our own origin, whatever Host the request names. */
  #provenRequest(message: IncomingMessage): ProvenRequest {
    const [path = ''] = (message.url ?? '').split('?', 1);
    const proof = message.headers.dpop;
    return {
      method: message.method ?? '',
      url: `${this.#parts.origin}${path}`,
      proof: typeof proof === 'string' ? proof : undefined,
    };
  }
}

/** The bearer as the interfaces about viewing itself want it. */
export function callerOf({ viewer }: Bearer, requestId: string): Caller {
  return { viewer, context: plainContext(contextOf(viewer, requestId, () => EVERYTHING)) };
}
