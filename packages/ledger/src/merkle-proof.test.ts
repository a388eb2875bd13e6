import { describe, expect, test } from 'vitest';
import { toHex } from './bytes.ts';
import { CompactRange } from './compact-range.ts';
import { HASH_SIZE, nodeHasher, portableHasher } from './hasher.ts';
import { assembleProof, consistencyRanges, inclusionRanges } from './merkle-proof.ts';
import { rootOfLeafHashes, type SubtreeId, splitPoint, subtreesOf } from './subtree.ts';
import { entries, flipped } from './test-log.ts';
import { emptyRoot, TreeHasher, treeHasher } from './tree-hash.ts';
import { verifyConsistency, verifyInclusion } from './verify-proof.ts';

const leafHashes = entries(80).map((entry) => treeHasher.leaf(entry));
const roots = Array.from({ length: 81 }, (_, size) => (size === 0 ? emptyRoot() : mth(leafHashes.slice(0, size))));

/** MTH as RFC 6962 section 2.1 defines it, word for word. */
function mth(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0]!;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return treeHasher.node(mth(hashes.slice(0, k)), mth(hashes.slice(k)));
}

const hashOf = ({ level, index }: SubtreeId): Uint8Array =>
  mth(leafHashes.slice(index * 2 ** level, (index + 1) * 2 ** level));

describe('tree hash', () => {
  test('the empty tree has the SHA-256 of nothing as its root', () => {
    expect(toHex(emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  test('an empty leaf has the SHA-256 of one zero byte as its hash', () => {
    expect(toHex(treeHasher.leaf(new Uint8Array(0)))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  test('the portable hasher and that of Node agree', () => {
    const portable = new TreeHasher(portableHasher);
    const native = new TreeHasher(nodeHasher());
    for (const length of [0, 1, 35, 65_535]) {
      const entry = new Uint8Array(length).fill(length & 0xff);
      expect(portable.leaf(entry)).toEqual(native.leaf(entry));
    }
    expect(portable.node(roots[1]!, roots[2]!)).toEqual(native.node(roots[1]!, roots[2]!));
    expect(portableHasher.hmac(roots[1]!, roots[2]!)).toEqual(nodeHasher()!.hmac(roots[1]!, roots[2]!));
  });

  test('the split point is the largest power of two below the size', () => {
    for (let power = 2; power <= 2 ** 52; power *= 2) {
      expect(splitPoint(power)).toBe(power / 2);
      expect(splitPoint(power + 1)).toBe(power);
      if (power > 2) expect(splitPoint(power - 1)).toBe(power / 2);
    }
    expect(splitPoint(Number.MAX_SAFE_INTEGER)).toBe(2 ** 52);
  });
});

// The tree of RFC 6962 section 2.1.3 and its nodes by the names the RFC gives them.
describe('examples of RFC 6962 section 2.1.3', () => {
  const [a, b, c, d, e, f, j] = leafHashes as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const g = treeHasher.node(a, b);
  const h = treeHasher.node(c, d);
  const i = treeHasher.node(e, f);
  const k = treeHasher.node(g, h);
  const l = treeHasher.node(i, j);
  const inclusion = (index: number) => assembleProof(inclusionRanges(index, 7), hashOf);
  const consistency = (size: number) => assembleProof(consistencyRanges(size, 7), hashOf);

  test('the root is that of k and l', () => {
    expect(rootOfLeafHashes(leafHashes.slice(0, 7))).toEqual(treeHasher.node(k, l));
  });

  test('audit paths of d0, d3, d4 and d6', () => {
    expect(inclusion(0)).toEqual([b, h, l]);
    expect(inclusion(3)).toEqual([c, g, l]);
    expect(inclusion(4)).toEqual([f, j, k]);
    expect(inclusion(6)).toEqual([i, k]);
  });

  test('consistency proofs of hash0 (3), hash1 (4) and hash2 (6)', () => {
    expect(consistency(3)).toEqual([c, d, g, l]);
    expect(consistency(4)).toEqual([l]);
    expect(consistency(6)).toEqual([i, j, k]);
  });
});

describe('every tree of up to 80 leaves', () => {
  test('plain hashing, compact ranges and the definition agree', () => {
    let range = CompactRange.empty();
    for (let size = 0; size <= 80; size++) {
      expect(range.root()).toEqual(roots[size]);
      if (size > 0) expect(rootOfLeafHashes(leafHashes.slice(0, size))).toEqual(roots[size]);
      if (size < 80) range = range.append(leafHashes[size]!);
    }
  });

  test('compact ranges merge into the tree wherever they are cut', () => {
    const rangeOf = (start: number, end: number) =>
      leafHashes.slice(start, end).reduce((range, hash) => range.append(hash), CompactRange.empty(start));
    for (let first = 0; first <= 80; first += 3) {
      for (let second = first; second <= 80; second += 5) {
        const merged = rangeOf(0, first).merge(rangeOf(first, second).merge(rangeOf(second, 80)));
        expect(merged.root()).toEqual(roots[80]);
        expect(merged.hashes.length).toBe(subtreesOf({ start: 0, end: 80 }).length);
      }
    }
    expect(() => rangeOf(0, 3).merge(rangeOf(4, 5))).toThrow('do not touch');
  });

  test('every inclusion proof holds, for its own leaf and place only', () => {
    for (let size = 1; size <= 80; size++) {
      for (let index = 0; index < size; index++) {
        const proof = assembleProof(inclusionRanges(index, size), hashOf);
        const head = { size, root: roots[size]! };
        expect(verifyInclusion(index, leafHashes[index]!, head, proof)).toBe(true);
        expect(verifyInclusion((index + 1) % size, leafHashes[index]!, head, proof)).toBe(size === 1);
        expect(verifyInclusion(index, leafHashes[(index + 1) % 80]!, head, proof)).toBe(false);
        expect(verifyInclusion(index, leafHashes[index]!, head, [...proof, roots[1]!])).toBe(false);
        if (proof.length > 0) expect(verifyInclusion(index, leafHashes[index]!, head, proof.slice(1))).toBe(false);
      }
    }
  });

  test('every consistency proof holds, between its own sizes only', () => {
    for (let size = 0; size <= 80; size++) {
      for (let old = 0; old <= size; old++) {
        const proof = assembleProof(consistencyRanges(old, size), hashOf);
        const older = { size: old, root: roots[old]! };
        const newer = { size, root: roots[size]! };
        expect(verifyConsistency(older, newer, proof)).toBe(true);
        expect(verifyConsistency(older, newer, [...proof, roots[1]!])).toBe(false);
        if (proof.length > 0) expect(verifyConsistency(older, newer, proof.slice(0, -1))).toBe(false);
        if (old < size) expect(verifyConsistency(newer, older, proof)).toBe(false);
        if (old > 0 && old < size) {
          expect(verifyConsistency({ size: old, root: roots[old - 1]! }, newer, proof)).toBe(false);
          expect(verifyConsistency(older, { size, root: roots[size - 1]! }, proof)).toBe(false);
        }
      }
    }
  });
});

test('every change of a single byte of a root, a leaf hash or a proof is refused', () => {
  for (const [index, size] of [
    [0, 1],
    [5, 11],
    [10, 11],
    [63, 64],
    [79, 80],
  ] as const) {
    const proof = assembleProof(inclusionRanges(index, size), hashOf);
    const head = { size, root: roots[size]! };
    for (let at = 0; at < HASH_SIZE; at++) {
      expect(verifyInclusion(index, flipped(leafHashes[index]!, at), head, proof)).toBe(false);
      expect(verifyInclusion(index, leafHashes[index]!, { size, root: flipped(head.root, at) }, proof)).toBe(false);
      for (let n = 0; n < proof.length; n++) {
        expect(verifyInclusion(index, leafHashes[index]!, head, proof.with(n, flipped(proof[n]!, at)))).toBe(false);
      }
    }
  }
  for (const [old, size] of [
    [1, 2],
    [6, 7],
    [8, 11],
    [33, 80],
    [64, 80],
  ] as const) {
    const proof = assembleProof(consistencyRanges(old, size), hashOf);
    const older = { size: old, root: roots[old]! };
    const newer = { size, root: roots[size]! };
    for (let at = 0; at < HASH_SIZE; at++) {
      expect(verifyConsistency({ size: old, root: flipped(older.root, at) }, newer, proof)).toBe(false);
      expect(verifyConsistency(older, { size, root: flipped(newer.root, at) }, proof)).toBe(false);
      for (let n = 0; n < proof.length; n++) {
        expect(verifyConsistency(older, newer, proof.with(n, flipped(proof[n]!, at)))).toBe(false);
      }
    }
  }
});

test('proofs with hashes of another length, and impossible sizes, are refused rather than crash', () => {
  const head = { size: 2, root: roots[2]! };
  expect(verifyInclusion(0, leafHashes[0]!, head, [new Uint8Array(31)])).toBe(false);
  expect(verifyInclusion(0, new Uint8Array(33), head, [leafHashes[1]!])).toBe(false);
  for (const index of [-1, 2, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
    expect(verifyInclusion(index, leafHashes[0]!, head, [leafHashes[1]!])).toBe(false);
    expect(() => inclusionRanges(index, 2)).toThrow('no leaf');
  }
  expect(verifyConsistency({ size: 1, root: leafHashes[0]! }, head, [new Uint8Array(0)])).toBe(false);
  expect(verifyConsistency({ size: 0, root: roots[1]! }, head, [])).toBe(false);
  expect(() => consistencyRanges(3, 2)).toThrow('does not contain');
});

test('proofs are worked out at sizes beyond 32 bits', () => {
  const size = 2 ** 52 + 12_345;
  expect(inclusionRanges(2 ** 40 + 1, size).length).toBe(53);
  expect(consistencyRanges(2 ** 33 + 1, size).every(({ start, end }) => start < end && end <= size)).toBe(true);
});
