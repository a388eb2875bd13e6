import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DICTIONARIES } from './dictionary.ts';
import { MOST_DEFLATED, type RawDeflate, withCalls, withKeptEngines } from './raw-deflate.ts';

const dictionary = DICTIONARIES.get(1) ?? Buffer.alloc(0);
const calls = withCalls(dictionary);
const kept = withKeptEngines(dictionary) as RawDeflate;

it('can keep the engines of the Node that Meridian is pinned to', () => {
  expect(kept).toBeDefined();
});

const text = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((json) => Buffer.from(json)),
  fc.nat({ max: MOST_DEFLATED }).map((size) => Buffer.alloc(size, '{"resourceType":"Observation","status":"final"}')),
  fc.constantFrom(randomBytes(MOST_DEFLATED), randomBytes(MOST_DEFLATED - 1)),
);

it('makes the same bytes as the calls, and each opens what the other made', () => {
  fc.assert(
    fc.property(text, (plain) => {
      const [one, other] = [kept.deflate(plain), calls.deflate(plain)];
      expect(one).toEqual(other);
      if (!one) return;
      expect(kept.inflate(one).equals(plain)).toBe(true);
      expect(calls.inflate(one).equals(plain)).toBe(true);
    }),
  );
});

describe.each([
  ['kept engines', kept],
  ['calls', calls],
])('%s', (_, codec) => {
  it('refuse what is cut, changed or too long, and go on afterwards', () => {
    const plain = Buffer.from(JSON.stringify({ resourceType: 'Patient', id: 'a', active: true, note: 'abcdefgh' }));
    const packed = codec.deflate(plain) as Buffer;
    const bomb = deflateRawSync(Buffer.alloc(1_000_000), { dictionary });
    const invalid = Buffer.from([0xff, 0xff, 0xff, 0xff]);
    for (const bad of [packed.subarray(0, packed.length - 1), bomb, invalid, Buffer.alloc(0)]) {
      expect(() => codec.inflate(bad)).toThrow();
      expect(codec.inflate(packed).equals(plain)).toBe(true);
    }
  });

  it('give bytes that later calls do not change', () => {
    const first = codec.inflate(codec.deflate(Buffer.alloc(500, 'a')) as Buffer);
    codec.inflate(codec.deflate(Buffer.alloc(500, 'b')) as Buffer);
    expect(first.equals(Buffer.alloc(500, 'a'))).toBe(true);
  });
});
