import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EntryScanner } from './entry-scanner.ts';

function scan(text: string, size: number): { entries: unknown[]; resourceType: string | undefined } {
  const bytes = Buffer.from(text);
  const scanner = new EntryScanner();
  const entries: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) entries.push(...scanner.push(bytes.subarray(at, at + size)));
  scanner.end();
  return { entries: entries.map((entry) => JSON.parse(entry.toString())), resourceType: scanner.resourceType };
}

const entry = fc.dictionary(fc.string(), fc.jsonValue());
const members = fc.dictionary(
  fc.string().filter((key) => key !== 'entry' && key !== 'resourceType'),
  fc.jsonValue(),
);

test('finds the entries of any Bundle, however it is cut and written', () => {
  fc.assert(
    fc.property(
      members,
      fc.array(entry),
      members,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ max: 2 }),
      (...given) => {
        const [before, entries, after, size, indent] = given;
        const text = JSON.stringify({ ...before, resourceType: 'Bundle', entry: entries, ...after }, null, indent);
        expect(scan(text, size)).toEqual({ entries: JSON.parse(text).entry, resourceType: 'Bundle' });
      },
    ),
  );
});

test.each([
  ['{"resourceType":"Bundle","entry":[{"a":1}', 'too early'],
  ['{"entry":[{"a":"}', 'too early'],
  ['{}{}', 'follows'],
  ['{"entry":[]}]', 'bracket too many'],
  ['{"entry":[{}],"entry":[{}]}', 'two lists'],
])('refuses %s', (text, reason) => {
  expect(() => scan(text, 4)).toThrow(reason);
});
