import { LedgerError } from './error.ts';
import { foldRight, type SubtreeId } from './subtree.ts';
import { emptyRoot, type TreeHasher, treeHasher } from './tree-hash.ts';

interface HashedSubtree extends SubtreeId {
  readonly hash: Uint8Array;
}

/**
 * The least that must be kept of a run of leaves to go on hashing it: the hashes of the fewest complete subtrees that
 * cover it, at most two a level. Two neighbouring ranges merge, so that a large log can be hashed in parts.
 *
 * @example
 * ```ts
 * const range = CompactRange.empty().append(treeHasher.leaf(entry));
 * range.root();
 * ```
 */
export class CompactRange {
  readonly start: number;
  readonly end: number;
  readonly #subtrees: readonly HashedSubtree[];

  private constructor(start: number, end: number, subtrees: readonly HashedSubtree[]) {
    this.start = start;
    this.end = end;
    this.#subtrees = subtrees;
  }

  /** A range of no leaves that begins at leaf `start`. */
  static empty(start = 0): CompactRange {
    return new CompactRange(start, start, []);
  }

  /** Hashes of the subtrees, left to right, in the order of `subtreesOf`. */
  get hashes(): readonly Uint8Array[] {
    return this.#subtrees.map((subtree) => subtree.hash);
  }

  /** This range with one more leaf at its right. */
  append(leafHash: Uint8Array, hasher: TreeHasher = treeHasher): CompactRange {
    const subtrees = this.#subtrees.slice();
    push(subtrees, { level: 0, index: this.end, hash: leafHash }, hasher);
    return new CompactRange(this.start, this.end + 1, subtrees);
  }

  /** This range followed by `right`, which must begin where this one ends (else `out-of-range`). */
  merge(right: CompactRange, hasher: TreeHasher = treeHasher): CompactRange {
    if (right.start !== this.end) {
      throw new LedgerError(
        'out-of-range',
        `Ranges do not touch: one ends at ${this.end}, one begins at ${right.start}.`,
      );
    }
    const subtrees = this.#subtrees.slice();
    for (const subtree of right.#subtrees) push(subtrees, subtree, hasher);
    return new CompactRange(this.start, right.end, subtrees);
  }

  /** Root of the tree of these leaves. Only a range from leaf 0 is a tree (else `out-of-range`). */
  root(hasher: TreeHasher = treeHasher): Uint8Array {
    if (this.start !== 0) throw new LedgerError('out-of-range', 'Only a range that begins at leaf 0 has a root.');
    return this.end === 0 ? emptyRoot() : foldRight(this.hashes, hasher);
  }
}

function push(subtrees: HashedSubtree[], added: HashedSubtree, hasher: TreeHasher): void {
  let right = added;
  let left = subtrees.at(-1);
  while (left !== undefined && left.level === right.level && left.index % 2 === 0) {
    subtrees.pop();
    right = { level: right.level + 1, index: left.index / 2, hash: hasher.node(left.hash, right.hash) };
    left = subtrees.at(-1);
  }
  subtrees.push(right);
}
