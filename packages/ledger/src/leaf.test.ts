import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from './bytes.ts';
import { portableHasher } from './hasher.ts';
import { commitment, findChainFault, formatLeaf, leafOf, parseLeaf } from './leaf.ts';
import { flipped, readsOrRefuses, seed } from './test-log.ts';
import { indexes, openings } from './test-receipt.ts';

describe('leaves', () => {
  test('have the layout that is documented', () => {
    const opening = openings[1]!;
    const message = Buffer.concat([
      Buffer.from('meridian.ledger.leaf.v1\n'),
      createHash('sha256').update(opening.event).digest(),
      Buffer.from('0000000000000001', 'hex'),
      opening.previous!,
    ]);
    const leaf = formatLeaf(leafOf(opening));
    expect(message).toHaveLength(96);
    expect(toHex(leaf)).toBe(`010101${createHmac('sha256', opening.salt).update(message).digest('hex')}`);
    expect(parseLeaf(leaf)).toEqual(leafOf(opening));
    expect(commitment(opening, portableHasher)).toEqual(commitment(opening));
  });

  test('what is not a leaf is refused', () => {
    const leaf = formatLeaf(leafOf(openings[0]!));
    for (const bad of [
      leaf.subarray(1),
      new Uint8Array([...leaf, 0]),
      flipped(leaf, 0),
      flipped(leaf, 1),
      flipped(leaf, 2),
    ]) {
      expect(() => parseLeaf(bad)).toThrow(expect.objectContaining({ code: 'bad-leaf' }));
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        readsOrRefuses(() => parseLeaf(bytes));
      }),
    );
  });

  test.each([
    ['a short salt', { salt: new Uint8Array(31) }],
    ['no previous leaf after the first', { sequence: 1 }],
    ['a previous leaf before the first', { previous: seed(0) }],
    ['a negative sequence', { sequence: -1 }],
    ['kind 0', { kind: 0 }],
    ['kind 256', { kind: 256 }],
    ['an unknown suite', { suite: 2 }],
  ])('an opening with %s is refused', (_what, change) => {
    expect(() => leafOf({ ...openings[0]!, ...change })).toThrow(expect.objectContaining({ code: 'bad-leaf' }));
  });
});

describe('the chain of a subject', () => {
  const events = openings.map((opening, i) => ({ opening, index: indexes[i]! }));

  test('has no fault where nothing was left out', () => {
    expect(findChainFault(events)).toBeUndefined();
    expect(findChainFault([])).toBeUndefined();
  });

  test('shows an event that was left out, replaced or re-ordered', () => {
    expect(findChainFault(events.slice(1))).toMatchObject({ at: 0, fault: 'sequence' });
    expect(findChainFault([events[0]!, events[2]!])).toMatchObject({ at: 1, fault: 'sequence' });
    const replaced = { ...events[1]!, opening: { ...openings[1]!, salt: seed(9) } };
    expect(findChainFault([events[0]!, replaced, events[2]!])).toMatchObject({ at: 2, fault: 'link' });
    expect(findChainFault([events[0]!, { ...events[1]!, index: 3 }])).toMatchObject({ at: 1, fault: 'order' });
  });
});
