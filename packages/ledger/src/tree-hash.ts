import { HASH_SIZE, type Hasher, platformHasher, sha256 } from './hasher.ts';

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/**
 * The hashes of a Merkle tree (RFC 6962 section 2.1): a leaf is SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖
 * right). The two prefixes keep a node from being passed off as a leaf.
 *
 * Keeps two scratch buffers so that a million hashes do not make a million garbage buffers; nothing in them outlives a
 * call, so one instance may be shared.
 */
export class TreeHasher {
  readonly #hasher: Hasher;
  readonly #node = new Uint8Array(1 + 2 * HASH_SIZE);
  #leaf = new Uint8Array(1);

  constructor(hasher: Hasher = platformHasher) {
    this.#hasher = hasher;
    this.#node[0] = NODE_PREFIX;
  }

  /** Hash of an entry as a leaf. */
  leaf(entry: Uint8Array): Uint8Array {
    const hash = new Uint8Array(HASH_SIZE);
    this.leafInto(entry, hash, 0);
    return hash;
  }

  /** Hash of a node from the hashes of its two children. */
  node(left: Uint8Array, right: Uint8Array): Uint8Array {
    const hash = new Uint8Array(HASH_SIZE);
    this.#node.set(left, 1);
    this.#node.set(right, 1 + HASH_SIZE);
    this.#hasher.digestInto(this.#node, hash, 0);
    return hash;
  }

  /** Writes the leaf hash of `entry` into `out` at byte `at`. */
  leafInto(entry: Uint8Array, out: Uint8Array, at: number): void {
    // Entries of one log mostly have one length, so the buffer of that exact length is kept.
    if (this.#leaf.length !== entry.length + 1) {
      this.#leaf = new Uint8Array(entry.length + 1);
      this.#leaf[0] = LEAF_PREFIX;
    }
    this.#leaf.set(entry, 1);
    this.#hasher.digestInto(this.#leaf, out, at);
  }

  /**
   * Writes the hash of the node whose two children lie side by side (64 bytes) in `pairs` at byte `from` into `out` at
   * byte `at`. `out` may be `pairs`.
   */
  nodeInto(pairs: Uint8Array, from: number, out: Uint8Array, at: number): void {
    for (let i = 0; i < 2 * HASH_SIZE; i++) this.#node[1 + i] = pairs[from + i]!;
    this.#hasher.digestInto(this.#node, out, at);
  }
}

/** The tree hasher of this platform. */
export const treeHasher: TreeHasher = new TreeHasher();

/** Root of the empty tree: SHA-256 of nothing (RFC 6962 section 2.1). */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}
