/** How many requests one caller may send. */
export interface RateLimit {
  /** Requests a second in the long run. */
  perSecond: number;
  /** Requests that may come at once after a pause. */
  burst: number;
}

interface Bucket {
  left: number;
  at: number;
}

/**
 * A token bucket for each caller, in memory, at about 100 ns a request. The oldest callers are forgotten when there are
 * too many, which at worst gives somebody a full bucket again.
 */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #most: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param now milliseconds, of any origin; must not go back */
  constructor(limit: RateLimit, now: () => number, most = 50_000) {
    this.#limit = limit;
    this.#now = now;
    this.#most = most;
  }

  /** Takes one request from the caller's bucket. 0: go ahead; otherwise the seconds to wait. */
  take(caller: string): number {
    const now = this.#now();
    const { perSecond, burst } = this.#limit;
    const bucket = this.#buckets.get(caller);
    if (!bucket) {
      if (this.#buckets.size >= this.#most) this.#forgetOldest();
      this.#buckets.set(caller, { left: burst - 1, at: now });
      return 0;
    }
    bucket.left = Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / perSecond));
    bucket.left--;
    return 0;
  }

  #forgetOldest(): void {
    let left = Math.ceil(this.#most / 10);
    for (const caller of this.#buckets.keys()) {
      if (left-- <= 0) return;
      this.#buckets.delete(caller);
    }
  }
}
