import { createHash, createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyedHash } from './keyed-hash.ts';

const key = randomBytes(32);

it('is HMAC-SHA-256, cut to 64 bits, whether cached or not', () => {
  // eight remembered texts: the cache turns over all the time
  const hash = new KeyedHash(key, 8);
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', 'b', '', '陳大文', 'x'.repeat(4096))),
      (text) => {
        const expected = createHmac('sha256', key).update(text).digest();
        expect(hash.mac(text).equals(expected)).toBe(true);
        expect(hash.token(text)).toBe(expected.readBigInt64BE(0));
        expect(hash.token(text)).toBe(expected.readBigInt64BE(0));
      },
    ),
    { numRuns: 500 },
  );
});

it('takes longer texts by their digest', () => {
  const text = '陳'.repeat(4097);
  const digest = createHash('sha256').update(text).digest('hex');
  expect(new KeyedHash(key).mac(text)).toEqual(createHmac('sha256', key).update(digest).digest());
});

it('needs a whole key', () => {
  expect(() => new KeyedHash(randomBytes(31))).toThrow(RangeError);
});
