import { LedgerError } from './error.ts';
import { foldRight, type LeafRange, type SubtreeHash, splitPoint, subtreesOf } from './subtree.ts';
import { type TreeHasher, treeHasher } from './tree-hash.ts';

/**
 * The ranges whose hashes make up the inclusion proof of leaf `index` in the tree of `size` leaves, from the leaf's
 * sibling upwards: PATH(m, D[n]) of RFC 6962 section 2.1.1. Throws `out-of-range`.
 */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size)) {
    throw new LedgerError('out-of-range', `There is no leaf ${index} in a tree of ${size}; ask below the tree size.`);
  }
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/**
 * The ranges whose hashes make up the consistency proof from the tree of `oldSize` leaves to that of `newSize`:
 * PROOF(m, D[n]) of RFC 6962 section 2.1.2. Empty from size 0 and between equal sizes. Throws `out-of-range`.
 */
export function consistencyRanges(oldSize: number, newSize: number): LeafRange[] {
  if (!(Number.isSafeInteger(oldSize) && Number.isSafeInteger(newSize) && oldSize >= 0 && oldSize <= newSize)) {
    throw new LedgerError('out-of-range', `A tree of ${newSize} does not contain one of ${oldSize}; swap the sizes.`);
  }
  if (oldSize === 0 || oldSize === newSize) return [];
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = newSize;
  while (oldSize < end) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // From leaf 0 the remaining subtree is the whole old tree, whose root the verifier already has.
  if (start !== 0) ranges.push({ start, end });
  return ranges.reverse();
}

/** The hashes of the ranges of a proof, from the hashes of complete subtrees. */
export function assembleProof(
  ranges: readonly LeafRange[],
  hashOf: SubtreeHash,
  hasher: TreeHasher = treeHasher,
): Uint8Array[] {
  return ranges.map((range) => foldRight(subtreesOf(range).map(hashOf), hasher));
}
