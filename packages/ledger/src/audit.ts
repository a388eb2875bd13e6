import { equal } from './bytes.ts';
import { parseBundle } from './entry-bundle.ts';
import { LedgerError } from './error.ts';
import { HASH_SIZE } from './hasher.ts';
import type { FetchResource } from './log-source.ts';
import { foldRight } from './subtree.ts';
import { ExpandedTile, type ResourceId, resourcePath, TILE_WIDTH, tileHashes, tileWidth } from './tile.ts';
import { emptyRoot, type TreeHasher, treeHasher } from './tree-hash.ts';
import type { TreeHead } from './verify-proof.ts';

/** Something an audit found wrong. */
export interface AuditFinding {
  readonly problem: 'missing' | 'malformed' | 'altered' | 'wrong-root';
  /** Path of the damaged tile or bundle; undefined where the root itself does not fit. */
  readonly path: string | undefined;
  /** The first leaf it concerns, and how many: one where a single entry is known to be altered. */
  readonly firstLeaf: number;
  readonly leaves: number;
  readonly sentence: string;
}

export interface AuditReport {
  readonly ok: boolean;
  /** Leaves of the tree audited. */
  readonly leaves: number;
  readonly findings: readonly AuditFinding[];
  /** Whether there was more to report than `maxFindings`. */
  readonly truncated: boolean;
}

export interface AuditOptions {
  /** Called after each 256 leaves. */
  readonly onProgress?: (leaves: number, size: number) => void;
  /** Sees the entries of each readable bundle, in order. */
  readonly onEntries?: (firstLeaf: number, entries: readonly Uint8Array[]) => void | Promise<void>;
  /** Findings kept; 1,000 unless told. */
  readonly maxFindings?: number;
  readonly signal?: AbortSignal;
  readonly hasher?: TreeHasher;
}

/**
 * Recomputes a whole log from its entries: every tile of every level and the root, against what is served and against
 * the head (the size and root of a checkpoint whose signatures the caller has checked). Reads each tile and bundle once
 * and names each damaged one.
 *
 * Goes down from the root. The partial tiles at the right edge are right if they fold into the root; a full tile is
 * right if it folds into the hash the tile above has of it. Below a tile that is right, a damaged entry is named by its
 * index and does not cast doubt on anything else. Below one that is not, what the entries add up to stands in for it.
 */
export async function auditLog(fetch: FetchResource, head: TreeHead, options: AuditOptions = {}): Promise<AuditReport> {
  const audit = new Audit(fetch, head, options);
  await audit.run();
  const { findings, truncated } = audit;
  return { ok: findings.length === 0, leaves: head.size, findings, truncated };
}

/** A tile as served; `bytes` is undefined where it is missing or has the wrong length. */
interface ServedTile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
  readonly bytes: Uint8Array | undefined;
}

interface ServedBundle {
  readonly tile: ServedTile;
  readonly entries: readonly Uint8Array[] | undefined;
}

// Sixteen bundles at a time: few enough to hold in memory, enough to hide the latency of a store.
const BUNDLES_AT_ONCE = 16;

class Audit {
  readonly findings: AuditFinding[] = [];
  truncated = false;
  readonly #fetch: FetchResource;
  readonly #head: TreeHead;
  readonly #options: AuditOptions;
  readonly #hasher: TreeHasher;

  constructor(fetch: FetchResource, head: TreeHead, options: AuditOptions) {
    this.#fetch = fetch;
    this.#head = head;
    this.#options = options;
    this.#hasher = options.hasher ?? treeHasher;
  }

  async run(): Promise<void> {
    const edge = await this.#edge();
    const trusted = equal(this.#rootOf(edge.map((tile) => tile.bytes)), this.#head.root);
    const computed: Uint8Array[] = [];
    for (const tile of edge) {
      const bundle = tile.level === 0 ? await this.#readBundle(tile) : undefined;
      computed.push(await this.#auditTile(tile, trusted, undefined, bundle));
    }
    if (!trusted && !equal(this.#rootOf(computed), this.#head.root)) {
      this.#find(
        'wrong-root',
        undefined,
        0,
        this.#head.size,
        'The entries do not add up to the root of the checkpoint.',
      );
    }
  }

  /** The partial tiles at the right edge, highest level (leftmost leaves) first. */
  async #edge(): Promise<ServedTile[]> {
    const edge: ServedTile[] = [];
    for (let level = 0; tileHashes(level, this.#head.size) > 0; level++) {
      const index = Math.floor(tileHashes(level, this.#head.size) / TILE_WIDTH);
      const width = tileWidth(level, index, this.#head.size);
      if (width > 0) edge.unshift(await this.#readTile(level, index, width));
    }
    return edge;
  }

  #rootOf(tiles: readonly (Uint8Array | undefined)[]): Uint8Array {
    const hashes: Uint8Array[] = [];
    for (const tile of tiles) {
      // A missing tile makes no root; no hash is empty, so this never equals one.
      if (tile === undefined) return new Uint8Array(0);
      hashes.push(...new ExpandedTile(tile, tile.length / HASH_SIZE, this.#hasher).subtreeHashes());
    }
    return hashes.length === 0 ? emptyRoot() : foldRight(hashes, this.#hasher);
  }

  /**
   * Audits a tile and all below it. `trusted` says whether its bytes were found right from above; `expected` is the
   * hash of it that the trusted tile above holds, if there is one. Returns the hashes that the tile should consist of.
   */
  async #auditTile(
    served: ServedTile,
    trusted: boolean,
    expected: Uint8Array | undefined,
    bundle: ServedBundle | undefined,
  ): Promise<Uint8Array> {
    const known = trusted ? served.bytes : undefined;
    const computed =
      bundle === undefined ? await this.#auditBelow(served, known) : await this.#auditEntries(bundle, known);
    if (known !== undefined) return known;
    if (computed === undefined) return served.bytes ?? filler(served);
    const fits = expected === undefined || equal(this.#fold(computed), expected);
    if (served.bytes !== undefined && !equal(served.bytes, computed)) {
      this.#findTile('altered', served, 'differs from what its entries add up to');
    } else if (!fits) {
      this.#findTile('altered', served, 'and its entries do not fit the tile above');
    }
    return computed;
  }

  /** Audits the tiles below one of level 1 or more. Returns the hashes it should have. */
  async #auditBelow(served: ServedTile, known: Uint8Array | undefined): Promise<Uint8Array> {
    const hashes = new Uint8Array(served.width * HASH_SIZE);
    for (let first = 0; first < served.width; first += BUNDLES_AT_ONCE) {
      this.#options.signal?.throwIfAborted();
      const count = Math.min(BUNDLES_AT_ONCE, served.width - first);
      const below = await Promise.all(
        Array.from({ length: count }, async (_, i) => {
          const tile = await this.#readTile(served.level - 1, served.index * TILE_WIDTH + first + i, TILE_WIDTH);
          return tile.level === 0 ? this.#readBundle(tile) : { tile, entries: undefined };
        }),
      );
      for (const [i, child] of below.entries()) {
        const at = (first + i) * HASH_SIZE;
        const expected = known?.subarray(at, at + HASH_SIZE);
        const folded = child.tile.bytes === undefined ? undefined : this.#fold(child.tile.bytes);
        const trusted = expected !== undefined && folded !== undefined && equal(folded, expected);
        const bundle = child.tile.level === 0 ? child : undefined;
        const computed = await this.#auditTile(child.tile, trusted, expected, bundle);
        hashes.set(expected ?? this.#fold(computed), at);
      }
    }
    return hashes;
  }

  /** Leaf hashes of a bundle; names each entry that a trusted tile contradicts. Undefined where it is unreadable. */
  async #auditEntries({ tile, entries }: ServedBundle, known: Uint8Array | undefined): Promise<Uint8Array | undefined> {
    const firstLeaf = tile.index * TILE_WIDTH;
    if (entries !== undefined) await this.#options.onEntries?.(firstLeaf, entries);
    this.#options.onProgress?.(firstLeaf + tile.width, this.#head.size);
    if (entries === undefined) return undefined;
    const hashes = new Uint8Array(tile.width * HASH_SIZE);
    for (const [i, entry] of entries.entries()) this.#hasher.leafInto(entry, hashes, i * HASH_SIZE);
    if (known === undefined) return hashes;
    const path = resourcePath({ kind: 'entries', index: tile.index, width: tile.width });
    for (let i = 0; i < tile.width; i++) {
      const at = i * HASH_SIZE;
      if (equal(hashes.subarray(at, at + HASH_SIZE), known.subarray(at, at + HASH_SIZE))) continue;
      const leaf = firstLeaf + i;
      this.#find('altered', path, leaf, 1, `Entry ${leaf} is not the one that was logged.`);
    }
    return known;
  }

  async #readTile(level: number, index: number, width: number): Promise<ServedTile> {
    const bytes = await this.#read({ kind: 'tile', level, index, width });
    const tile: ServedTile = { level, index, width, bytes };
    if (bytes === undefined || bytes.length === width * HASH_SIZE) return tile;
    this.#findTile('malformed', tile, 'has the wrong length');
    return { ...tile, bytes: undefined };
  }

  async #readBundle(tile: ServedTile): Promise<ServedBundle> {
    const id: ResourceId = { kind: 'entries', index: tile.index, width: tile.width };
    const firstLeaf = tile.index * TILE_WIDTH;
    const bytes = await this.#read(id);
    let entries: readonly Uint8Array[] | undefined;
    try {
      entries = bytes === undefined ? undefined : parseBundle(bytes, tile.width);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      this.#find('malformed', resourcePath(id), firstLeaf, tile.width, 'The entry bundle cannot be read.');
    }
    return { tile, entries };
  }

  async #read(id: ResourceId): Promise<Uint8Array | undefined> {
    const bytes = await this.#fetch(id);
    if (bytes === undefined) {
      const span = id.kind === 'tile' ? TILE_WIDTH ** id.level : 1;
      const sentence = id.kind === 'tile' ? 'The tile is missing.' : 'The entry bundle is missing.';
      this.#find('missing', resourcePath(id), id.index * TILE_WIDTH * span, id.width * span, sentence);
    }
    return bytes;
  }

  #fold(hashes: Uint8Array): Uint8Array {
    return new ExpandedTile(hashes, hashes.length / HASH_SIZE, this.#hasher).root(this.#hasher);
  }

  #findTile(problem: AuditFinding['problem'], { level, index, width }: ServedTile, what: string): void {
    const span = TILE_WIDTH ** level;
    const path = resourcePath({ kind: 'tile', level, index, width });
    this.#find(problem, path, index * TILE_WIDTH * span, width * span, `The tile ${what}.`);
  }

  #find(
    problem: AuditFinding['problem'],
    path: string | undefined,
    firstLeaf: number,
    leaves: number,
    sentence: string,
  ): void {
    if (this.findings.length >= (this.#options.maxFindings ?? 1000)) this.truncated = true;
    else this.findings.push({ problem, path, firstLeaf, leaves, sentence });
  }
}

/** Stands for the hashes of a part of which neither tile nor entries can be read; matches nothing. */
function filler({ width }: ServedTile): Uint8Array {
  return new Uint8Array(width * HASH_SIZE);
}
