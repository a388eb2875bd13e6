import { equal } from './bytes.ts';
import { parseBundle } from './entry-bundle.ts';
import { LedgerError } from './error.ts';
import { HASH_SIZE } from './hasher.ts';
import type { FetchResource } from './log-source.ts';
import { consistencyRanges, inclusionRanges } from './merkle-proof.ts';
import { foldRight, type LeafRange, type SubtreeId, subtreesOf } from './subtree.ts';
import { ExpandedTile, TILE_HEIGHT, TILE_WIDTH, tileHashes, tileWidth } from './tile.ts';
import { emptyRoot, type TreeHasher, treeHasher } from './tree-hash.ts';
import type { TreeHead } from './verify-proof.ts';

export interface TileReaderOptions {
  /** Full tiles kept expanded in memory, 16 KB each; the least recently used goes first. 1,024 unless told. */
  readonly cachedTiles?: number;
  readonly hasher?: TreeHasher;
}

/**
 * Reads proofs and entries of one tree head from tiles that need not be trusted.
 *
 * Invariant: a tile is used only after its hashes were checked up to the root of the head. The partial tiles at the
 * right edge are checked together, by folding them into the root; a full tile is checked against the hash of it in the
 * tile above, which was itself checked before. A wrong byte anywhere is refused with `inconsistent`, never built into
 * a proof.
 */
export class TileReader {
  readonly head: TreeHead;
  readonly #fetch: FetchResource;
  readonly #hasher: TreeHasher;
  readonly #cachedTiles: number;
  readonly #edge = new Map<number, ExpandedTile>();
  readonly #full = new Map<number, ExpandedTile>();
  readonly #loading = new Map<number, Promise<ExpandedTile>>();
  /** Hashes of the ranges up to the end of the tree, by their start: one a level at most, and in nearly every proof. */
  readonly #ends = new Map<number, Uint8Array>();

  private constructor(fetch: FetchResource, head: TreeHead, options: TileReaderOptions) {
    this.#fetch = fetch;
    this.head = head;
    this.#hasher = options.hasher ?? treeHasher;
    this.#cachedTiles = Math.max(1, options.cachedTiles ?? 1024);
  }

  /** Opens the tree `head` and checks its right edge against the root. Throws `not-found`, `bad-tile`, `inconsistent`. */
  static async open(fetch: FetchResource, head: TreeHead, options: TileReaderOptions = {}): Promise<TileReader> {
    const reader = new TileReader(fetch, head, options);
    const hashes: Uint8Array[] = [];
    for (let level = 0; tileHashes(level, head.size) > 0; level++) {
      const index = Math.floor(tileHashes(level, head.size) / TILE_WIDTH);
      const width = tileWidth(level, index, head.size);
      if (width === 0) continue;
      const tile = await reader.#fetchTile(level, index, width);
      reader.#edge.set(level, tile);
      hashes.unshift(...tile.subtreeHashes());
    }
    const root = head.size === 0 ? emptyRoot() : foldRight(hashes, reader.#hasher);
    if (!equal(root, head.root)) {
      throw new LedgerError(
        'inconsistent',
        `The newest tiles do not add up to the root of size ${head.size}; report it.`,
      );
    }
    return reader;
  }

  /**
   * Inclusion proof of leaf `index` in the tree of `size` leaves (the head's unless told), as RFC 6962 orders it. The
   * hashes are views into tiles kept in memory: read, do not write.
   */
  async proveInclusion(index: number, size: number = this.head.size): Promise<Uint8Array[]> {
    this.#requireSize(size);
    return this.#prove(inclusionRanges(index, size));
  }

  /** Consistency proof from the tree of `oldSize` leaves to that of `newSize` (the head's unless told). */
  async proveConsistency(oldSize: number, newSize: number = this.head.size): Promise<Uint8Array[]> {
    this.#requireSize(newSize);
    return this.#prove(consistencyRanges(oldSize, newSize));
  }

  /** Root hash of the first `size` leaves. */
  async root(size: number): Promise<Uint8Array> {
    this.#requireSize(size);
    if (size === 0) return emptyRoot();
    const [root] = await this.#prove([{ start: 0, end: size }]);
    return root!;
  }

  /** Hash of leaf `index`. */
  async leafHash(index: number): Promise<Uint8Array> {
    if (!(index >= 0 && index < this.head.size)) {
      throw new LedgerError('out-of-range', `There is no leaf ${index} in a tree of ${this.head.size}.`);
    }
    const [hash] = await this.#prove([{ start: index, end: index + 1 }]);
    return hash!;
  }

  /** The entries of bundle `index` (256, or fewer at the end), each checked against its leaf hash. */
  async entries(index: number): Promise<Uint8Array[]> {
    const width = tileWidth(0, index, this.head.size);
    if (width === 0)
      throw new LedgerError('out-of-range', `There is no bundle ${index} in a tree of ${this.head.size}.`);
    const [bytes, tile] = await Promise.all([this.#fetch({ kind: 'entries', index, width }), this.#tile(0, index)]);
    if (bytes === undefined) throw new LedgerError('not-found', `The log lacks entry bundle ${index}; it was pruned.`);
    const entries = parseBundle(bytes, width);
    entries.forEach((entry, i) => {
      if (!equal(this.#hasher.leaf(entry), tile.hash(0, i))) {
        throw new LedgerError(
          'inconsistent',
          `Entry ${index * TILE_WIDTH + i} is not the one that was logged; report it.`,
        );
      }
    });
    return entries;
  }

  #requireSize(size: number): void {
    if (!Number.isSafeInteger(size) || size < 0 || size > this.head.size) {
      throw new LedgerError('out-of-range', `The tree has ${this.head.size} leaves, not ${size}; ask at most that.`);
    }
  }

  /** The hashes of ranges, at once where their tiles are in memory; what is missing is fetched side by side. */
  async #prove(ranges: readonly LeafRange[]): Promise<Uint8Array[]> {
    const hashes = ranges.map((range) => this.#known(range) ?? this.#load(range));
    return hashes.every((hash) => hash instanceof Uint8Array) ? hashes : Promise.all(hashes);
  }

  #known(range: LeafRange): Uint8Array | undefined {
    const subtree = asSubtree(range);
    if (subtree === undefined) return range.end === this.head.size ? this.#ends.get(range.start) : undefined;
    const { level, index, height, position } = tileOf(subtree);
    return this.#cached(level, index)?.hash(height, position);
  }

  async #load(range: LeafRange): Promise<Uint8Array> {
    const hashes = await Promise.all(
      subtreesOf(range).map(async (subtree) => {
        const { level, index, height, position } = tileOf(subtree);
        return (await this.#tile(level, index)).hash(height, position);
      }),
    );
    const hash = foldRight(hashes, this.#hasher);
    if (range.end === this.head.size && hashes.length > 1) this.#ends.set(range.start, hash);
    return hash;
  }

  #cached(level: number, index: number): ExpandedTile | undefined {
    if (tileWidth(level, index, this.head.size) < TILE_WIDTH) return this.#edge.get(level);
    const key = tileKey(level, index);
    const tile = this.#full.get(key);
    // The order of use matters only once something has to go; until then a look-up stays a look-up.
    if (tile !== undefined && this.#full.size >= this.#cachedTiles) {
      this.#full.delete(key);
      this.#full.set(key, tile);
    }
    return tile;
  }

  async #tile(level: number, index: number): Promise<ExpandedTile> {
    const cached = this.#cached(level, index);
    if (cached !== undefined) return cached;
    const key = tileKey(level, index);
    const loading = this.#loading.get(key) ?? this.#loadFull(level, index);
    this.#loading.set(key, loading);
    try {
      return await loading;
    } finally {
      this.#loading.delete(key);
    }
  }

  async #loadFull(level: number, index: number): Promise<ExpandedTile> {
    const above = await this.#tile(level + 1, Math.floor(index / TILE_WIDTH));
    const tile = await this.#fetchTile(level, index, TILE_WIDTH);
    if (!equal(tile.hash(TILE_HEIGHT, 0), above.hash(0, index % TILE_WIDTH))) {
      throw new LedgerError(
        'inconsistent',
        `Tile ${index} of level ${level} does not fit the tree above it; report it.`,
      );
    }
    this.#full.set(tileKey(level, index), tile);
    if (this.#full.size > this.#cachedTiles) this.#full.delete(this.#full.keys().next().value!);
    return tile;
  }

  async #fetchTile(level: number, index: number, width: number): Promise<ExpandedTile> {
    const bytes = await this.#fetch({ kind: 'tile', level, index, width });
    if (bytes === undefined) {
      throw new LedgerError('not-found', `The log lacks tile ${index} of level ${level}, which its checkpoint needs.`);
    }
    if (bytes.length !== width * HASH_SIZE) {
      throw new LedgerError(
        'bad-tile',
        `Tile ${index} of level ${level} does not have ${width} hashes; fetch it again.`,
      );
    }
    return new ExpandedTile(bytes, width, this.#hasher);
  }
}

/** One number for level and index: levels stay below 8 for sizes below 2^53, and an index below 2^45. */
function tileKey(level: number, index: number): number {
  return index * 8 + level;
}

/** The range as one complete subtree; undefined where it takes several. */
function asSubtree({ start, end }: LeafRange): SubtreeId | undefined {
  const width = end - start;
  const level = Math.round(Math.log2(width));
  return 2 ** level === width && start % width === 0 ? { level, index: start / width } : undefined;
}

/** Where a complete subtree is found: the tile, and height and position in it. */
function tileOf(subtree: SubtreeId): { level: number; index: number; height: number; position: number } {
  const level = Math.floor(subtree.level / TILE_HEIGHT);
  const height = subtree.level % TILE_HEIGHT;
  const perTile = 2 ** (TILE_HEIGHT - height);
  return { level, index: Math.floor(subtree.index / perTile), height, position: subtree.index % perTile };
}
