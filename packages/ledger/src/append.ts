import { formatBundle, parseBundle } from './entry-bundle.ts';
import { LedgerError } from './error.ts';
import { HASH_SIZE } from './hasher.ts';
import type { LogAppend, LogStorage, LogWrite } from './log-storage.ts';
import { foldRight } from './subtree.ts';
import { ExpandedTile, TILE_WIDTH, tileHashes, tileWidth } from './tile.ts';
import { emptyRoot, type TreeHasher, treeHasher } from './tree-hash.ts';

/**
 * The right edge of a log: all that appending needs to know of it. One partial tile a level (empty where the last tile
 * of that level is full) and the entries of the partial bundle.
 */
export interface LogEdge {
  readonly size: number;
  readonly tiles: readonly Uint8Array[];
  readonly entries: readonly Uint8Array[];
}

/** The edge of a log without leaves. */
export const EMPTY_EDGE: LogEdge = { size: 0, tiles: [], entries: [] };

/** Reads the right edge of a stored log. Throws `bad-tile` or `bad-bundle` where the store lacks a part of it. */
export async function readEdge(storage: LogStorage): Promise<LogEdge> {
  const size = await storage.size();
  const tiles: Uint8Array[] = [];
  for (let level = 0; tileHashes(level, size) > 0; level++) {
    const index = Math.floor(tileHashes(level, size) / TILE_WIDTH);
    const width = tileWidth(level, index, size);
    const bytes = width === 0 ? new Uint8Array(0) : await storage.tile(level, index);
    if (bytes?.length !== width * HASH_SIZE) {
      throw new LedgerError(
        'bad-tile',
        `Tile ${index} of level ${level} is not as wide as ${size} leaves need; audit.`,
      );
    }
    tiles.push(bytes);
  }
  const width = size % TILE_WIDTH;
  const bundle = width === 0 ? new Uint8Array(0) : await storage.bundle(Math.floor(size / TILE_WIDTH));
  if (bundle === undefined) throw new LedgerError('bad-bundle', `The last entries of ${size} are missing; audit.`);
  return { size, tiles, entries: parseBundle(bundle, width) };
}

/**
 * Adds leaves at the right edge. Pure: returns what to store and the edge to continue from, so that a database can
 * commit many appends in one transaction and a sequencer need not read its own tiles back.
 *
 * One pass: a hash for each leaf, and 255 for each tile that fills up, whatever the size of the log.
 */
export function appendToEdge(
  edge: LogEdge,
  leaves: readonly Uint8Array[],
  hasher: TreeHasher = treeHasher,
): { readonly append: LogAppend; readonly edge: LogEdge } {
  const writes: LogWrite[] = [];
  const tiles = growTiles(edge, leaves, writes, hasher);
  const size = edge.size + leaves.length;
  const entries = growBundles(edge, leaves, writes);
  const grown: LogEdge = { size, tiles, entries };
  return { append: { oldSize: edge.size, size, root: rootOfEdge(grown, hasher), writes }, edge: grown };
}

/** Reads the edge of `storage` and works out what appending `leaves` changes; `storage.commit` then makes it so. */
export async function appendLeaves(
  storage: LogStorage,
  leaves: readonly Uint8Array[],
  hasher: TreeHasher = treeHasher,
): Promise<LogAppend> {
  return appendToEdge(await readEdge(storage), leaves, hasher).append;
}

/** Root hash of the tree whose right edge this is. */
export function rootOfEdge(edge: LogEdge, hasher: TreeHasher = treeHasher): Uint8Array {
  if (edge.size === 0) return emptyRoot();
  const hashes: Uint8Array[] = [];
  // The upper levels lie to the left of the lower ones, and the root folds from the right.
  for (const tile of edge.tiles.toReversed()) {
    if (tile.length > 0) hashes.push(...new ExpandedTile(tile, tile.length / HASH_SIZE, hasher).subtreeHashes());
  }
  return foldRight(hashes, hasher);
}

/** A tile being filled: `buffer` has room for a full one. */
interface GrowingTile {
  readonly buffer: Uint8Array;
  width: number;
  index: number;
  changed: boolean;
}

function growTiles(edge: LogEdge, leaves: readonly Uint8Array[], writes: LogWrite[], hasher: TreeHasher): Uint8Array[] {
  const levels: GrowingTile[] = [];
  const open = (level: number): GrowingTile => {
    const tile: GrowingTile = {
      buffer: new Uint8Array(TILE_WIDTH * HASH_SIZE),
      width: (edge.tiles[level]?.length ?? 0) / HASH_SIZE,
      index: Math.floor(tileHashes(level, edge.size) / TILE_WIDTH),
      changed: false,
    };
    tile.buffer.set(edge.tiles[level] ?? []);
    levels.push(tile);
    return tile;
  };
  for (let level = 0; level < Math.max(1, edge.tiles.length); level++) open(level);

  const close = (level: number): void => {
    const tile = levels[level]!;
    writes.push({ id: { kind: 'tile', level, index: tile.index, width: TILE_WIDTH }, bytes: tile.buffer.slice() });
    const above = levels[level + 1] ?? open(level + 1);
    foldFullTile(tile.buffer, above.buffer, above.width * HASH_SIZE, hasher);
    tile.width = 0;
    tile.index++;
    tile.changed = false;
    above.width++;
    above.changed = true;
    if (above.width === TILE_WIDTH) close(level + 1);
  };

  const bottom = levels[0]!;
  for (const leaf of leaves) {
    hasher.leafInto(leaf, bottom.buffer, bottom.width * HASH_SIZE);
    bottom.width++;
    bottom.changed = true;
    if (bottom.width === TILE_WIDTH) close(0);
  }
  return levels.map(({ buffer, width, index, changed }, level) => {
    const bytes = buffer.slice(0, width * HASH_SIZE);
    if (changed) writes.push({ id: { kind: 'tile', level, index, width }, bytes });
    return bytes;
  });
}

/** Writes the root of a full tile into `out` at byte `at`. Uses up `tile`: each layer overwrites the one below it. */
function foldFullTile(tile: Uint8Array, out: Uint8Array, at: number, hasher: TreeHasher): void {
  for (let width = TILE_WIDTH; width > 2; width /= 2) {
    for (let i = 0; i < width / 2; i++) hasher.nodeInto(tile, 2 * i * HASH_SIZE, tile, i * HASH_SIZE);
  }
  hasher.nodeInto(tile, 0, out, at);
}

function growBundles(edge: LogEdge, leaves: readonly Uint8Array[], writes: LogWrite[]): readonly Uint8Array[] {
  if (leaves.length === 0) return edge.entries;
  let index = Math.floor(edge.size / TILE_WIDTH);
  let entries: readonly Uint8Array[] = edge.entries;
  let at = 0;
  while (at < leaves.length) {
    const taken = leaves.slice(at, at + TILE_WIDTH - entries.length);
    const bundle = entries.length === 0 ? taken : [...entries, ...taken];
    writes.push({ id: { kind: 'entries', index, width: bundle.length }, bytes: formatBundle(bundle) });
    at += taken.length;
    if (bundle.length < TILE_WIDTH) return bundle;
    entries = [];
    index++;
  }
  return [];
}
