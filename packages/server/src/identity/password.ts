import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { StoreError } from '@meridian/records';

/** Argon2id with 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet; RFC 9106). */
const PARAMETERS = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const SALT = 16;
/** NIST SP 800-63B-4 §3.1.1.2 asks for at least 8 beside a second factor, and no rules about kinds of characters. */
const SHORTEST = 12;
const LONGEST = 256;
/** Each takes 19 MiB and 25 ms of a core: what comes beyond waits, and what waits is bounded. */
const PARALLEL = 2;
const WAITING = 200;

const derive = promisify(argon2);

/** The sentence that refuses a password, or undefined. */
export function refusesPassword(password: string, username: string): string | undefined {
  if (password.length < SHORTEST) return `A password has at least ${SHORTEST} characters; four random words are good.`;
  if (password.length > LONGEST) return `A password has at most ${LONGEST} characters.`;
  if (password.toLowerCase().includes(username)) return 'A password must not contain the username.';
  if (new Set(password).size < 5) return 'A password of so few different characters is soon guessed; choose another.';
  return undefined;
}

/** Hashes and verifies passwords, a few at a time. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #dummy: Promise<string>;

  constructor() {
    this.#dummy = this.hash(randomBytes(16).toString('hex'));
  }

  /** As `argon2id$<salt>$<tag>` in base64url; the parameters are those of this version and named by the first word. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT);
    return `argon2id$${salt.toString('base64url')}$${(await this.#tag(password, salt)).toString('base64url')}`;
  }

  /**
   * Compares in constant time. Without a hash a dummy is verified, so that an unknown account takes as long as a known
   * one, and the answer is false.
   */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const [, salt = '', tag = ''] = (hash ?? (await this.#dummy)).split('$');
    const given = await this.#tag(password.slice(0, LONGEST + 1), Buffer.from(salt, 'base64url'));
    const expected = Buffer.from(tag, 'base64url');
    const equal = given.length === expected.length && timingSafeEqual(given, expected);
    return equal && hash !== undefined;
  }

  async #tag(password: string, nonce: Buffer): Promise<Buffer> {
    await this.#turn();
    try {
      // NFKC, so that the same password typed on another keyboard is the same (RFC 8265 §4)
      const message = Buffer.from(password.normalize('NFKC'));
      return await derive('argon2id', { message, nonce, ...PARAMETERS });
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= PARALLEL) {
      if (this.#waiting.length >= WAITING) {
        throw new StoreError('throttled', 503, 'Too many people sign in at this moment; try again in a few seconds.');
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
  }
}
