import { randomBytes } from 'node:crypto';
import { deflateRawSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compress, decompress, LARGEST_BODY } from './compress.ts';
import { DICTIONARIES } from './dictionary.ts';

it('gives back what it was given, at any size', () => {
  const sizes = fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(16_383, 16_384, 16_385, 100_000));
  fc.assert(
    fc.property(sizes, fc.boolean(), (size, random) => {
      const plain = random ? randomBytes(size) : Buffer.alloc(size, '{"resourceType":"Observation"}');
      const packed = compress(plain);
      expect(decompress(packed).equals(plain)).toBe(true);
      expect(packed.length).toBeLessThanOrEqual(plain.length + 2);
    }),
  );
});

it('makes a small record much smaller', () => {
  const json = JSON.stringify({
    resourceType: 'Observation',
    id: 'a',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '718-7' }] },
    subject: { reference: 'Patient/a' },
  });
  expect(compress(Buffer.from(json)).length).toBeLessThan(json.length / 2);
});

it('does not blow up: what grows beyond any record is refused before it is made', () => {
  const bomb = deflateRawSync(Buffer.alloc(1_000_000), { dictionary: DICTIONARIES.get(1) ?? Buffer.alloc(0) });
  expect(() => decompress(Buffer.concat([Buffer.of(1, 1), bomb]))).toThrow();
  const large = zstdCompressSync(Buffer.alloc(LARGEST_BODY + 1));
  expect(() => decompress(Buffer.concat([Buffer.of(2), large]))).toThrow();
});

it('refuses forms and dictionaries that it does not know', () => {
  expect(() => decompress(Buffer.of(9, 1, 2))).toThrow(RangeError);
  expect(() => decompress(Buffer.of(1, 200, 2))).toThrow(/dictionary 200/);
  expect(() => decompress(Buffer.alloc(0))).toThrow(RangeError);
});

it('opens what is on disk already', () => {
  const plain = '{"resourceType":"Patient","id":"a","active":true}';
  const packed = {
    stored: `00${Buffer.from(plain).toString('hex')}`,
    deflated: '0101c3c8d0d0a08665e64425d4eabb1600',
  };
  for (const hex of Object.values(packed)) expect(decompress(Buffer.from(hex, 'hex')).toString()).toBe(plain);
});
