import { LedgerError } from './error.ts';
import { HASH_SIZE } from './hasher.ts';
import { foldRight, subtreesOf } from './subtree.ts';
import { type TreeHasher, treeHasher } from './tree-hash.ts';

/** Levels of the Merkle tree in one tile (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8;
/** Hashes in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 256;

/** A Merkle tree tile: `width` hashes (1 to 256) of level `8 × level`, from hash `256 × index` on. */
export interface TileId {
  readonly kind: 'tile';
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** An entry bundle: `width` entries (1 to 256), from leaf `256 × index` on. */
export interface BundleId {
  readonly kind: 'entries';
  readonly index: number;
  readonly width: number;
}

/** What a log serves as an immutable file. */
export type ResourceId = TileId | BundleId;

/** How many hashes the tiles of `level` hold together in a tree of `size` leaves: floor(size / 256^level). */
export function tileHashes(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** Width of tile `index` at `level` in a tree of `size` leaves; 0 where there is none. */
export function tileWidth(level: number, index: number, size: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, tileHashes(level, size) - index * TILE_WIDTH));
}

/** The path of a tile or bundle below the prefix of the log, as `tile/0/x001/x234/067.p/8` (C2SP tlog-tiles). */
export function resourcePath(id: ResourceId): string {
  const level = id.kind === 'tile' ? id.level : 'entries';
  const partial = id.width === TILE_WIDTH ? '' : `.p/${id.width}`;
  return `tile/${level}/${indexPath(id.index)}${partial}`;
}

function indexPath(index: number): string {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return path;
}

// Six elements carry 10^18, more than any safe integer.
const RESOURCE_PATH =
  /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?$/;

/** The tile or bundle a path names. One path per resource: zeroes in front are refused with `bad-tile`. */
export function parseResourcePath(path: string): ResourceId {
  const match = path.length <= 64 ? RESOURCE_PATH.exec(path) : null;
  const level = match?.[1] === 'entries' ? 0 : Number(match?.[1]);
  const index = Number(match?.[2]?.replaceAll(/[x/]/g, ''));
  if (match === null || level > 63 || !Number.isSafeInteger(index) || indexPath(index) !== match[2]) {
    throw new LedgerError(
      'bad-tile',
      'The path names no tile; the form is tile/<level or entries>/<index>[.p/<width>].',
    );
  }
  const width = match[3] === undefined ? TILE_WIDTH : Number(match[3]);
  return match[1] === 'entries' ? { kind: 'entries', index, width } : { kind: 'tile', level, index, width };
}

/**
 * A tile with the tree levels inside it worked out, so that any node in it is a look-up. 32 hashes of bytes for each
 * hash of the tile, doubled: 16 KB for a full tile.
 */
export class ExpandedTile {
  readonly width: number;
  readonly #layers: Uint8Array[] = [];

  /** Expands the bytes of a tile of `width` hashes; `bad-tile` where the length is wrong. */
  constructor(bytes: Uint8Array, width: number, hasher: TreeHasher = treeHasher) {
    if (bytes.length !== width * HASH_SIZE || width < 1 || width > TILE_WIDTH) {
      throw new LedgerError(
        'bad-tile',
        `A tile of ${width} hashes has ${width * HASH_SIZE} bytes, not ${bytes.length}.`,
      );
    }
    this.width = width;
    // A copy: the caller's bytes must not change under hashes already checked.
    this.#layers.push(bytes.slice());
    for (let below = width; below > 1; below = Math.floor(below / 2)) {
      const layer = this.#layers.at(-1)!;
      const above = new Uint8Array(Math.floor(below / 2) * HASH_SIZE);
      for (let i = 0; i < above.length; i += HASH_SIZE) hasher.nodeInto(layer, 2 * i, above, i);
      this.#layers.push(above);
    }
  }

  /** Hash of the `index`-th complete subtree of 2^`height` hashes of this tile. The subtree must lie in the tile. */
  hash(height: number, index: number): Uint8Array {
    return this.#layers[height]!.subarray(index * HASH_SIZE, (index + 1) * HASH_SIZE);
  }

  /** Merkle tree hash of all the hashes of this tile. */
  root(hasher: TreeHasher = treeHasher): Uint8Array {
    return foldRight(this.subtreeHashes(), hasher);
  }

  /** The hashes of the fewest complete subtrees of this tile, left to right. */
  subtreeHashes(): Uint8Array[] {
    return subtreesOf({ start: 0, end: this.width }).map(({ level, index }) => this.hash(level, index));
  }
}
