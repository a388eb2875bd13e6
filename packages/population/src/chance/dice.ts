/**
 * A small deterministic random source: xoshiro128** 1.1 by D. Blackman and S. Vigna (2018, public domain,
 * "Scrambled Linear Pseudorandom Number Generators"), seeded by hashing a text key with FNV-1a and the 32-bit
 * finaliser of MurmurHash3. Not for secrets.
 *
 * Only 32-bit integer arithmetic and exact floating-point sums are used, so every machine draws the same numbers.
 */
export class Dice {
  private readonly state: Uint32Array;

  /** @param key text that names this stream, such as `7/patient/12/diabetes`. */
  constructor(key: string) {
    this.state = Uint32Array.of(hash(key, 1), hash(key, 2), hash(key, 3), hash(key, 4) | 1);
  }

  /** A number in [0, 1) with 32 bits. */
  next(): number {
    const s = this.state;
    const [s0, s1, s2, s3] = [s[0]!, s[1]!, s[2]!, s[3]!];
    const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
    const x2 = s2 ^ s0;
    const x3 = s3 ^ s1;
    s[0] = s0 ^ x3;
    s[1] = s1 ^ x2;
    s[2] = x2 ^ (s1 << 9);
    s[3] = rotate(x3, 11);
    return result / 4294967296;
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** True with the given probability. */
  happens(probability: number): boolean {
    return this.next() < probability;
  }

  /**
   * Approximately normal, by the sum of twelve uniforms (Irwin-Hall): bounded at six deviations and, unlike
   * Box-Muller, free of logarithms whose last bit may differ between machines.
   */
  normal(mean: number, deviation: number): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.next();
    return mean + sum * deviation;
  }

  /** One of the items, all equally likely. */
  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new RangeError('Cannot pick from an empty list.');
    return item;
  }

  /** One of the items, each as likely as its weight. */
  weighted<T>(items: readonly (readonly [T, number])[]): T {
    let total = 0;
    for (const [, weight] of items) total += weight;
    let left = this.next() * total;
    for (const [item, weight] of items) {
      left -= weight;
      if (left < 0) return item;
    }
    return items[items.length - 1]![0];
  }
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function hash(text: string, salt: number): number {
  let h = Math.imul(0x811c9dc5 ^ salt, 0x01000193);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
