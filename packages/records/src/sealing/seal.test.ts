import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventPlace, open, recordPlace, SealBroken, seal } from './seal.ts';

const key = createSecretKey(randomBytes(32));

describe('a sealed body', () => {
  const place = recordPlace(3, 5n, 2, 12_026, -7n);

  it('opens in its place, and is never the same twice', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const plain = Buffer.from(bytes);
        const sealed = seal(key, plain, place);
        expect(open(key, sealed, place).equals(plain)).toBe(true);
        expect(seal(key, plain, place).equals(sealed)).toBe(false);
      }),
    );
  });

  it('does not open with any bit changed, or cut anywhere', () => {
    const sealed = seal(key, Buffer.from('a record'), place);
    for (let i = 0; i < sealed.length * 8; i++) {
      const changed = Buffer.from(sealed);
      changed[i >> 3] = (changed[i >> 3] ?? 0) ^ (1 << (i & 7));
      expect(() => open(key, changed, place)).toThrow(SealBroken);
    }
    for (let end = 0; end < sealed.length; end++)
      expect(() => open(key, sealed.subarray(0, end), place)).toThrow(SealBroken);
  });

  it('does not open under another key', () => {
    const sealed = seal(key, Buffer.from('a record'), place);
    expect(() => open(createSecretKey(randomBytes(32)), sealed, place)).toThrow(SealBroken);
  });
});

describe('places', () => {
  const int8 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const int4 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const int2 = fc.integer({ min: 1, max: 2 ** 15 - 1 });

  it('of records differ in every part: type, id, version, bucket, patient', () => {
    const record = fc.tuple(int2, int8, int4, int4, int8);
    fc.assert(
      fc.property(record, record, (a, b) => {
        expect(recordPlace(...a).equals(recordPlace(...b))).toBe(a.every((part, i) => part === b[i]));
        for (const i of [0, 1, 2, 3, 4] as const) {
          const moved = [...a] as typeof a;
          const [part, other] = [a[i], b[i]];
          (moved as unknown[])[i] = other;
          expect(recordPlace(...moved).equals(recordPlace(...a))).toBe(part === other);
        }
      }),
    );
  });

  it('of events differ in every part: number, kind, bucket, patient', () => {
    const event = fc.tuple(int8, int2, int4, int8);
    fc.assert(
      fc.property(event, event, (a, b) => {
        for (const i of [0, 1, 2, 3] as const) {
          const moved = [...a] as typeof a;
          (moved as unknown[])[i] = b[i];
          expect(eventPlace(...moved).equals(eventPlace(...a))).toBe(a[i] === b[i]);
        }
      }),
    );
  });

  it('of a record is never that of an event', () => {
    expect(recordPlace(1, 2n, 3, 4, 5n)).toHaveLength(26);
    expect(eventPlace(1n, 2, 3, 4n)).toHaveLength(22);
  });
});
