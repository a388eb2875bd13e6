import { treeHasher } from '@meridian/ledger';
import { expect, test } from 'vitest';
import { continues, fromBase64, toBase64 } from './ledger-check.ts';

const leaf = (text: string) => treeHasher.leaf(new TextEncoder().encode(text));
const [a, b, other] = [leaf('a'), leaf('b'), leaf('other')];
const older = { size: 1, root: a };
const newer = { size: 2, root: treeHasher.node(a, b) };

test('a log that only grew continues the older one', () => {
  expect(continues(older, newer, [toBase64(b)])).toBe(true);
});

test('a log whose past was changed does not, nor does a proof that is none', () => {
  expect(continues({ size: 1, root: other }, newer, [toBase64(b)])).toBe(false);
  expect(continues(older, { size: 2, root: treeHasher.node(other, b) }, [toBase64(b)])).toBe(false);
  expect(continues(newer, older, [toBase64(b)])).toBe(false);
  expect(continues(older, newer, ['not base64!'])).toBe(false);
});

test('bytes come back from base64', () => {
  expect(fromBase64(toBase64(a))).toEqual(a);
});
