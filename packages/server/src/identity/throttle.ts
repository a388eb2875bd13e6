import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Vault, VaultConflict } from '@meridian/records';

/** Too many attempts: wait. The same for accounts that exist and for those that do not. */
export class Throttled extends Error {
  /** Seconds. */
  readonly wait: number;

  constructor(wait: number) {
    super('Too many attempts; wait a little and try again.');
    this.name = 'Throttled';
    this.wait = wait;
  }
}

type Failures = { count: number; until: number };

/** Failures that are free, the first delay, and the longest, in milliseconds. */
const FREE = 5;
const FIRST_DELAY = 5000;
const LONGEST_DELAY = 15 * 60_000;
const FORGOTTEN_AFTER = 24 * 3600_000;
const DEVICE_COOKIE_DAYS = 180;

/**
 * Slows guessing down and locks nobody out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"): failures are
 * counted for each pair of username and address, so that a stranger's attempts from elsewhere do not delay the owner; a
 * browser in which somebody signed in before carries a device cookie and is counted apart even from its own address.
 * Counting comes before verifying, so that many attempts at once do not all pass. Nothing is counted for an address alone:
 * whoever shares one with a guesser, in a ward or behind a proxy, would be delayed with him.
 */
export class Throttle {
  readonly #vault: Vault;
  readonly #now: () => number;
  readonly #key: Buffer;

  /** @param key 32 bytes, for device cookies */
  constructor(vault: Vault, now: () => number, key: Buffer) {
    this.#vault = vault;
    this.#now = now;
    this.#key = key;
  }

  /**
   * Counts an attempt as failed before it is made; `succeeded` takes that back.
   *
   * @throws Throttled while the last delay is not over
   */
  async attempt(
    username: string,
    address: string,
    deviceCookie: string | undefined,
  ): Promise<{ succeeded(): Promise<void> }> {
    const device = this.#device(username, deviceCookie);
    const own = `throttle/${username}/${device ?? address}`;
    await this.#count(own);
    return {
      succeeded: async () => {
        await this.#vault.change([{ op: 'remove', kind: 'other', id: own }]);
      },
    };
  }

  /** The value of a device cookie for a browser in which this user has just signed in. */
  deviceCookie(username: string, nonce: string): string {
    return `${nonce}.${this.#sign(username, nonce)}`;
  }

  static readonly cookieSeconds = DEVICE_COOKIE_DAYS * 24 * 3600;

  #device(username: string, cookie: string | undefined): string | undefined {
    const [nonce = '', signature = ''] = cookie?.split('.') ?? [];
    if (!/^[\w-]{16,64}$/.test(nonce)) return undefined;
    const expected = Buffer.from(this.#sign(username, nonce));
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected) ? nonce : undefined;
  }

  #sign(username: string, nonce: string): string {
    return createHmac('sha256', this.#key).update(`device\n${username}\n${nonce}`).digest('base64url');
  }

  async #count(id: string): Promise<void> {
    for (let tries = 0; tries < 3; tries++) {
      const now = this.#now();
      const standing = await this.#vault.get<Failures>('other', id);
      const { count, until } = standing?.content ?? { count: 0, until: 0 };
      if (until > now) throw new Throttled(Math.ceil((until - now) / 1000));
      const over = count + 1 - FREE;
      const delay = over < 0 ? 0 : Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(over, 12));
      try {
        await this.#vault.change([
          {
            op: 'put',
            kind: 'other',
            id,
            content: { count: count + 1, until: now + delay },
            expires: now + FORGOTTEN_AFTER,
            revision: standing?.revision ?? 0,
          },
        ]);
        return;
      } catch (error) {
        if (!(error instanceof VaultConflict)) throw error;
      }
    }
    throw new Throttled(1);
  }
}
