import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DICTIONARIES } from './dictionary.ts';
import { MOST_DEFLATED, openRawDeflate } from './raw-deflate.ts';

const dictionary = DICTIONARIES.get(1) ?? Buffer.alloc(0);
const codec = openRawDeflate(dictionary);

const text = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((json) => Buffer.from(json)),
  fc.nat({ max: MOST_DEFLATED }).map((size) => Buffer.alloc(size, '{"resourceType":"Observation","status":"final"}')),
  fc.constantFrom(randomBytes(MOST_DEFLATED), randomBytes(MOST_DEFLATED - 1)),
);

it('gives back what it was given', () => {
  fc.assert(
    fc.property(text, (plain) => {
      const packed = codec.deflate(plain);
      if (packed) expect(codec.inflate(packed).equals(plain)).toBe(true);
    }),
  );
});

it('refuses what is cut, changed or too long, and goes on afterwards', () => {
  const plain = Buffer.from(JSON.stringify({ resourceType: 'Patient', id: 'a', active: true, note: 'abcdefgh' }));
  const packed = codec.deflate(plain) as Buffer;
  const bomb = deflateRawSync(Buffer.alloc(1_000_000), { dictionary });
  const invalid = Buffer.from([0xff, 0xff, 0xff, 0xff]);
  for (const bad of [packed.subarray(0, packed.length - 1), bomb, invalid, Buffer.alloc(0)]) {
    expect(() => codec.inflate(bad)).toThrow();
    expect(codec.inflate(packed).equals(plain)).toBe(true);
  }
});

it('gives bytes that later calls do not change', () => {
  const first = codec.inflate(codec.deflate(Buffer.alloc(500, 'a')) as Buffer);
  codec.inflate(codec.deflate(Buffer.alloc(500, 'b')) as Buffer);
  expect(first.equals(Buffer.alloc(500, 'a'))).toBe(true);
});
