import { HASH_SIZE } from './hasher.ts';
import { type TreeHasher, treeHasher } from './tree-hash.ts';

/** A complete subtree: the `index`-th run of 2^`level` leaves. Level 0 is a leaf. */
export interface SubtreeId {
  readonly level: number;
  readonly index: number;
}

/** The leaves from `start` up to, not including, `end`. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** Gives the hash of a complete subtree. */
export type SubtreeHash = (subtree: SubtreeId) => Uint8Array;

/** The largest power of two strictly below `size`, the `k` of RFC 6962 section 2.1. `size` is at least 2. */
export function splitPoint(size: number): number {
  // Exact for every safe integer: powers of two are exact doubles, and log2 is corrected either way.
  let k = 2 ** Math.floor(Math.log2(size - 1));
  if (k >= size) k /= 2;
  if (k * 2 < size) k *= 2;
  return k;
}

/**
 * The fewest complete subtrees that make up a range, left to right. A range whose start is a multiple of the next power
 * of two of its length (every range in a proof is) has at most one subtree a level.
 */
export function subtreesOf({ start, end }: LeafRange): SubtreeId[] {
  const subtrees: SubtreeId[] = [];
  let at = start;
  while (at < end) {
    let level = 0;
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= end) {
      width *= 2;
      level++;
    }
    subtrees.push({ level, index: at / width });
    at += width;
  }
  return subtrees;
}

/** Merkle tree hash of a run of subtrees as `subtreesOf` lists them, folded from the right (RFC 6962 section 2.1). */
export function foldRight(hashes: readonly Uint8Array[], hasher: TreeHasher = treeHasher): Uint8Array {
  let folded = hashes[hashes.length - 1]!;
  for (let i = hashes.length - 2; i >= 0; i--) folded = hasher.node(hashes[i]!, folded);
  return folded;
}

/** Root hash of the leaf hashes given, by plain pairwise hashing: the reference the tiled tree is compared with. */
export function rootOfLeafHashes(leafHashes: readonly Uint8Array[], hasher: TreeHasher = treeHasher): Uint8Array {
  let layer = new Uint8Array(leafHashes.length * HASH_SIZE);
  leafHashes.forEach((hash, i) => {
    layer.set(hash, i * HASH_SIZE);
  });
  let width = leafHashes.length;
  while (width > 1) {
    const above = new Uint8Array(Math.ceil(width / 2) * HASH_SIZE);
    for (let i = 0; i + 1 < width; i += 2) hasher.nodeInto(layer, i * HASH_SIZE, above, (i / 2) * HASH_SIZE);
    // An odd last subtree has no sibling: it rises unchanged, which yields the split of RFC 6962.
    if (width % 2 === 1)
      above.set(layer.subarray((width - 1) * HASH_SIZE, width * HASH_SIZE), above.length - HASH_SIZE);
    layer = above;
    width = Math.ceil(width / 2);
  }
  return layer;
}
