import type { KeyObject } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BlobInfo, BlobOwner, BlobStore } from '../store.ts';
import { BlobDamaged, badRange, withStoreErrors } from './blob-errors.ts';
import type { ChunkStore } from './chunk-store.ts';
import { deleteUnnamed, objectsOfReleased, oldObjects } from './collect.ts';
import { CHUNK_BYTES } from './format.ts';
import { type BlobKeys, deriveSecrets } from './keys.ts';
import { type Manifest, manifestObject, readManifest } from './manifest.ts';
import type { OwnerLocks } from './owner-locks.ts';
import { readRange } from './reader.ts';
import type { SealedStore } from './seal.ts';
import { BlobWriter } from './writer.ts';

export interface ChunkedBlobStoreOptions {
  chunks: ChunkStore;
  keys: BlobKeys;
  /** Shared by all processes that write to the same chunk store (see owner-locks.ts). */
  locks: OwnerLocks;
  /** Bytes from a cryptographic source, such as `randomBytes` of `node:crypto`. */
  random: (bytes: number) => Buffer;
}

/** What a sweep did. */
export interface SweepReport {
  /** Chunks and lists that no manifest named. */
  deleted: number;
  /** Owners whose key is gone and whose objects went with it. */
  erasedOwners: number;
  /** Owners passed over because somebody was writing; the next sweep takes them. */
  busyOwners: number;
  /** Objects that could not be read; nothing was deleted of their owners. At most `DAMAGED_SHOWN` of them. */
  damaged: readonly string[];
}

const DAMAGED_SHOWN = 1000;

/**
 * Blobs as sealed chunks (format.ts). Independent of any database: what exists is what has a manifest.
 *
 * Holds are the caller's rows. Two rows of one owner may refer to one blob, so the caller releases only when the last row
 * has gone, and excludes the race "last row deleted, same content put and a new row inserted, released" by taking one
 * lock on (owner, digest) for both: to insert a row, lock, check `stat`, insert, commit (where `stat` finds nothing, put
 * again); to drop one, lock, delete, count; if none is left, release before the lock is given up.
 *
 * Every method rejects with a `StoreError`; a content stream ends with one, and what it gave until then is right.
 */
export class ChunkedBlobStore implements BlobStore {
  readonly #options: ChunkedBlobStoreOptions;
  readonly #chunks: ChunkStore;

  constructor(options: ChunkedBlobStoreOptions) {
    this.#options = options;
    this.#chunks = withStoreErrors(options.chunks);
  }

  async put(owner: BlobOwner, content: Readable, limit: number): Promise<BlobInfo> {
    // The stream may fail before anybody reads it, and an error that nobody listens to ends the process.
    content.on('error', () => undefined);
    let writer: BlobWriter | undefined;
    try {
      const store = await this.#open(owner);
      const started = new BlobWriter(store);
      writer = started;
      return await this.#options.locks.writing(store.secrets.owner, () => started.write(content, limit));
    } catch (error) {
      content.destroy();
      if (writer) await this.#undo(owner, writer);
      throw error;
    }
  }

  async get(
    owner: BlobOwner,
    digest: string,
    range?: { start: number; end: number },
  ): Promise<{ info: BlobInfo; content: Readable } | undefined> {
    const store = await this.#open(owner);
    const manifest = await this.#manifest(store, digest);
    if (!manifest) return undefined;
    const { info } = manifest;
    const { start, end } = range ? withinBlob(range, info.size) : { start: 0, end: info.size };
    const bytes = readRange(store, manifest, start, end);
    return { info, content: Readable.from(bytes, { objectMode: false, highWaterMark: CHUNK_BYTES }) };
  }

  async stat(owner: BlobOwner, digest: string): Promise<BlobInfo | undefined> {
    return (await this.#manifest(await this.#open(owner), digest))?.info;
  }

  /**
   * The blob can be read no more when this resolves. Its chunks are gone too, but for those that other blobs of the owner
   * share and, while an upload of the same owner is under way, those that the next sweep removes.
   *
   * `BlobDamaged` where another manifest of the owner cannot be read: the blob is released, its chunks remain.
   */
  async release(owner: BlobOwner, digest: string): Promise<void> {
    const store = await this.#open(owner);
    const object = manifestObject(store.secrets, digest);
    if (!object) return;
    // A manifest that is damaged goes as well; the sweep finds its chunks.
    const manifest = await readManifest(store, object).catch((error: unknown) => {
      if (error instanceof BlobDamaged) return undefined;
      throw error;
    });
    // First and durably: after a crash there may be chunks without a manifest, never the reverse.
    await this.#chunks.delete(object);
    if (!manifest) return;
    await this.#options.locks.collecting(store.secrets.owner, async () => {
      await deleteUnnamed(store, objectsOfReleased(store, manifest));
    });
  }

  /**
   * Removes all objects of an owner whose key has been destroyed, or is about to be. Needs no key. What an upload that is
   * still under way adds afterwards goes with the next sweep.
   */
  async erase(owner: BlobOwner): Promise<void> {
    await this.#chunks.deleteOwner(this.#options.keys.ownerName(owner));
  }

  /**
   * Removes what crashed and aborted puts left before `olderThan` (epoch milliseconds; leave a grace of a day, to cover
   * owners whose rows are not committed yet). `keyOf` gives the blob key for an owner's name and answers undefined only if
   * that owner is erased or never was: all his old objects go. Where it cannot tell, it must reject; that ends the sweep.
   */
  async sweep(olderThan: number, keyOf: (ownerName: string) => Promise<KeyObject | undefined>): Promise<SweepReport> {
    const report = { deleted: 0, erasedOwners: 0, busyOwners: 0, damaged: [] as string[] };
    for await (const owner of this.#chunks.owners()) {
      const key = await keyOf(owner);
      const swept = await this.#options.locks.collecting(owner, async () => {
        try {
          await this.#chunks.tidy(owner, olderThan);
          if (key) report.deleted += await this.#sweepOwner(owner, key, olderThan);
          else if (await this.#eraseStranger(owner, olderThan)) report.erasedOwners++;
        } catch (error) {
          if (!(error instanceof BlobDamaged)) throw error;
          if (report.damaged.length < DAMAGED_SHOWN) report.damaged.push(error.object);
        }
      });
      if (!swept) report.busyOwners++;
    }
    return report;
  }

  #sweepOwner(owner: string, key: KeyObject, olderThan: number): Promise<number> {
    const store = this.#sealed(owner, key);
    return deleteUnnamed(store, oldObjects(store, olderThan));
  }

  /** Only if all is old: a patient whose row is not committed yet may be uploading now, from another process. */
  async #eraseStranger(owner: string, olderThan: number): Promise<boolean> {
    for (const kind of ['blob', 'list', 'chunk'] as const) {
      for await (const { modified } of this.#chunks.list(owner, kind)) if (modified >= olderThan) return false;
    }
    await this.#chunks.deleteOwner(owner);
    return true;
  }

  /** Best effort: the put has failed with its own error, and what stays is an orphan for the sweep. */
  async #undo(owner: BlobOwner, writer: BlobWriter): Promise<void> {
    try {
      const store = await this.#open(owner);
      await this.#options.locks.collecting(store.secrets.owner, async () => {
        await deleteUnnamed(store, writer.objects());
      });
    } catch {
      return;
    }
  }

  async #manifest(store: SealedStore, digest: string): Promise<Manifest | undefined> {
    const object = manifestObject(store.secrets, digest);
    return object === undefined ? undefined : readManifest(store, object);
  }

  async #open(owner: BlobOwner): Promise<SealedStore> {
    return this.#sealed(this.#options.keys.ownerName(owner), await this.#options.keys.blobKey(owner));
  }

  #sealed(ownerName: string, blobKey: KeyObject): SealedStore {
    return { chunks: this.#chunks, secrets: deriveSecrets(ownerName, blobKey), random: this.#options.random };
  }
}

/** RFC 9110 §14.1.2: a range that starts beyond the end cannot be satisfied, one that ends beyond it is cut. */
function withinBlob({ start, end }: { start: number; end: number }, size: number): { start: number; end: number } {
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
  if (!whole || start < 0 || start >= size || end <= start) throw badRange(size);
  return { start, end: Math.min(end, size) };
}
