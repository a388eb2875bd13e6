import { equal } from './bytes.ts';
import { HASH_SIZE } from './hasher.ts';
import { emptyRoot, type TreeHasher, treeHasher } from './tree-hash.ts';

/** A tree: how many leaves it has and its root hash (32 bytes). */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isHash = (hash: Uint8Array): boolean => hash.length === HASH_SIZE;

// Halving instead of shifting: JavaScript shifts keep 32 bits only, and sizes go up to 2^53.
const half = (value: number): number => Math.floor(value / 2);

/**
 * The root that an inclusion proof leads to, or undefined where the proof has the wrong length for its place in the
 * tree (RFC 9162 section 2.1.3.2).
 */
export function rootFromInclusionProof(
  index: number,
  size: number,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
  hasher: TreeHasher = treeHasher,
): Uint8Array | undefined {
  if (!isCount(index) || !isCount(size) || index >= size || !isHash(leafHash)) return undefined;
  let position = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0 || !isHash(sibling)) return undefined;
    if (position % 2 === 1 || position === last) {
      hash = hasher.node(sibling, hash);
      while (position % 2 === 0 && position !== 0) {
        position = half(position);
        last = half(last);
      }
    } else {
      hash = hasher.node(hash, sibling);
    }
    position = half(position);
    last = half(last);
  }
  return last === 0 ? hash : undefined;
}

/** Whether `proof` shows that the leaf is at `index` of the tree `head`. */
export function verifyInclusion(
  index: number,
  leafHash: Uint8Array,
  head: TreeHead,
  proof: readonly Uint8Array[],
  hasher: TreeHasher = treeHasher,
): boolean {
  const root = rootFromInclusionProof(index, head.size, leafHash, proof, hasher);
  return root !== undefined && equal(root, head.root);
}

/**
 * Whether `proof` shows that the tree `newer` begins with all the leaves of the tree `older`, in order (RFC 9162
 * section 2.1.4.2). From the empty tree and between equal trees the proof must be empty.
 */
export function verifyConsistency(
  older: TreeHead,
  newer: TreeHead,
  proof: readonly Uint8Array[],
  hasher: TreeHasher = treeHasher,
): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false;
  if (!isHash(older.root) || !isHash(newer.root)) return false;
  if (older.size === newer.size) return proof.length === 0 && equal(older.root, newer.root);
  if (older.size === 0) return proof.length === 0 && equal(older.root, emptyRoot());

  let position = older.size - 1;
  let last = newer.size - 1;
  while (position % 2 === 1) {
    position = half(position);
    last = half(last);
  }
  // Where the old size is a power of two its root is itself the first hash, and the proof leaves it out.
  const hashes = position === 0 ? [older.root, ...proof] : proof;
  const [first, ...rest] = hashes;
  if (first === undefined || !isHash(first)) return false;
  let olderRoot = first;
  let newerRoot = first;
  for (const hash of rest) {
    if (last === 0 || !isHash(hash)) return false;
    if (position % 2 === 1 || position === last) {
      olderRoot = hasher.node(hash, olderRoot);
      newerRoot = hasher.node(hash, newerRoot);
      while (position % 2 === 0 && position !== 0) {
        position = half(position);
        last = half(last);
      }
    } else {
      newerRoot = hasher.node(newerRoot, hash);
    }
    position = half(position);
    last = half(last);
  }
  return last === 0 && equal(olderRoot, older.root) && equal(newerRoot, newer.root);
}
