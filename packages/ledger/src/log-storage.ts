import type { ResourceId } from './tile.ts';

/** A tile or bundle to be stored under its level and index, in the place of a narrower one that may be there. */
export interface LogWrite {
  readonly id: ResourceId;
  readonly bytes: Uint8Array;
}

/** Everything that appending leaves changes. To be stored as a whole or not at all. */
export interface LogAppend {
  readonly oldSize: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly writes: readonly LogWrite[];
}

/**
 * Where a log lives.
 *
 * A tile or bundle at the right edge grows until it is full, so a store keeps one row for each level and index and
 * replaces it: the partial tile of width W that an older checkpoint asks for is the first W hashes of what is kept
 * (`readResource` cuts it out).
 */
export interface LogStorage {
  /** Number of leaves stored. */
  size(): Promise<number>;
  /** The hashes kept of a tile, 32 bytes each; undefined where there are none. */
  tile(level: number, index: number): Promise<Uint8Array | undefined>;
  /** The entries kept of a bundle, encoded; undefined where there are none. */
  bundle(index: number): Promise<Uint8Array | undefined>;
  /**
   * Stores all the writes and the new size in one transaction. Must throw `conflict` and store nothing where the log no
   * longer has `append.oldSize` leaves: two appends to one size would be a fork.
   */
  commit(append: LogAppend): Promise<void>;
}
