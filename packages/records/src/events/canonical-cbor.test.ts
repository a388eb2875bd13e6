import { encode } from 'cborg';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CborItem, canonicalCbor } from './canonical-cbor.ts';

const whole = fc.oneof(
  fc.maxSafeNat(),
  fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
);
const bytes = fc.uint8Array({ maxLength: 300 });
const text = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 100 }));
const { item } = fc.letrec<{ item: CborItem }>((tie) => ({
  item: fc.oneof({ maxDepth: 3 }, fc.constant(null), whole, bytes, text, fc.array(tie('item'), { maxLength: 30 })),
}));

it('gives the bytes that a general encoder of CBOR gives', () => {
  fc.assert(
    fc.property(item, (value) => {
      expect(canonicalCbor(value).equals(encode(value))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

it('takes long lists and texts', () => {
  const value = [Array.from({ length: 70_000 }, (_, i) => `Observation/${i}/_history/1`), '中'.repeat(70_000)];
  expect(canonicalCbor(value).equals(encode(value))).toBe(true);
});

it.each([-1, 1.5, Number.NaN, 2 ** 53])('refuses the number %d', (value) => {
  expect(() => canonicalCbor([value])).toThrow(RangeError);
});
