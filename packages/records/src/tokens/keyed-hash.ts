import { hash } from 'node:crypto';

const BLOCK = 64;
const LONGEST = 4096;

/**
 * HMAC-SHA-256 (RFC 2104) cut to its first 64 bits, as a signed integer that fits PostgreSQL's int8.
 *
 * Written as its two hashes, because `createHmac` costs ten times as much for short input. Tokens of codes repeat
 * endlessly, so the newest are kept in two generations of a bounded cache.
 */
export class KeyedHash {
  readonly #inner: Buffer;
  readonly #outer: Buffer;
  readonly #cached: number;
  #young = new Map<string, bigint>();
  #old = new Map<string, bigint>();

  /** @param key 32 bytes */
  constructor(key: Uint8Array, cached = 50_000) {
    if (key.length !== 32) throw new RangeError('a keyed hash needs a key of 32 bytes');
    this.#inner = Buffer.alloc(BLOCK + LONGEST * 3, 0x36);
    this.#outer = Buffer.alloc(BLOCK + 32, 0x5c);
    for (let i = 0; i < 32; i++) {
      this.#inner[i] = (key[i] ?? 0) ^ 0x36;
      this.#outer[i] = (key[i] ?? 0) ^ 0x5c;
    }
    this.#cached = cached;
  }

  /** The whole 32-byte MAC. Text beyond 4,096 UTF-16 units is hashed first, so that the cost stays bounded by one pass. */
  mac(text: string): Buffer {
    const message = text.length > LONGEST ? hash('sha256', text) : text;
    const length = this.#inner.write(message, BLOCK);
    hash('sha256', this.#inner.subarray(0, BLOCK + length), 'buffer').copy(this.#outer, BLOCK);
    return hash('sha256', this.#outer, 'buffer');
  }

  /** The token of a text, cached. */
  token(text: string): bigint {
    const young = this.#young.get(text);
    if (young !== undefined) return young;
    const token = this.#old.get(text) ?? this.mac(text).readBigInt64BE(0);
    if (this.#young.size >= this.#cached) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, token);
    return token;
  }
}
