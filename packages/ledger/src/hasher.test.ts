import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readUint64, uint64 } from './bytes.ts';
import { nodeHasher, portableHasher } from './hasher.ts';

describe('HMAC-SHA-256', () => {
  test('is that of RFC 2104 for keys of every length, on either hasher', () => {
    const hashers = [portableHasher, nodeHasher() ?? portableHasher];
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(bytes, bytes, (key, data) => {
        const expected = new Uint8Array(createHmac('sha256', key).update(data).digest());
        for (const hasher of hashers) expect(hasher.hmac(key, data)).toEqual(expected);
      }),
    );
  });

  test('is the first and the sixth example of RFC 4231', () => {
    const hex = (hasher: typeof portableHasher, key: Uint8Array, text: string): string =>
      Buffer.from(hasher.hmac(key, Buffer.from(text))).toString('hex');
    for (const hasher of [portableHasher, nodeHasher() ?? portableHasher]) {
      expect(hex(hasher, new Uint8Array(20).fill(0x0b), 'Hi There')).toBe(
        'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
      );
      const long = 'Test Using Larger Than Block-Size Key - Hash Key First';
      expect(hex(hasher, new Uint8Array(131).fill(0xaa), long)).toBe(
        '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
      );
    }
  });
});

test('a count is the same after it was written as eight bytes', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(readUint64(uint64(value), 0)).toBe(value);
    }),
  );
});
