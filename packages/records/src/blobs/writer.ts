import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { StoreError } from '../errors.ts';
import type { BlobInfo } from '../store.ts';
import { BlobDamaged, brokenOff, tooLong } from './blob-errors.ts';
import { objectName } from './chunk-store.ts';
import { ChunkCompressor } from './compression.ts';
import { CHUNK_BYTES, LARGEST_BLOB_BYTES, NAME_BYTES, NAMES_PER_LIST, shapeOf } from './format.ts';
import { keyedName } from './keys.ts';
import { nameAt, putManifest } from './manifest.ts';
import { getSealed, putSealed, type SealedStore } from './seal.ts';

/** Objects of one put that are being compressed, sealed and written at a time. Bounds its memory. */
const IN_FLIGHT = 4;

/**
 * Writes one blob, chunk by chunk as the content comes, and remembers what it has written so that a put which fails can
 * be undone.
 */
export class BlobWriter {
  readonly #store: SealedStore;
  readonly #compressor = new ChunkCompressor();
  readonly #inFlight = new Set<Promise<void>>();
  #failure: unknown;
  #failed = false;
  #chunks = 0;
  /** Names that are in no list yet. */
  #names: Buffer[] = [];
  readonly #lists: Buffer[] = [];
  /** Chunks that have been written: used again, since memory outside the heap is given back late. */
  readonly #spare: Buffer[] = [];

  constructor(store: SealedStore) {
    this.#store = store;
  }

  /** When it resolves, the blob is durable. When it rejects, nothing is in flight any more. */
  async write(content: Readable, limit: number): Promise<BlobInfo> {
    if (!(limit >= 0)) throw new TypeError('The limit of a blob must be a number of bytes.');
    try {
      const info = await this.#writeChunks(content, Math.min(limit, LARGEST_BLOB_BYTES));
      const names = await this.#finishNames(info.size);
      // Only now: what a manifest names must be there for good.
      await this.#settled();
      await putManifest(this.#store, { info, names });
      return info;
    } finally {
      await Promise.allSettled(this.#inFlight);
    }
  }

  /** The objects that have been written, or found there, without the manifest. */
  async *objects(): AsyncGenerator<string> {
    const { owner } = this.#store.secrets;
    for (const list of this.#lists) {
      const object = objectName(owner, 'list', list);
      const names = (await getSealed(this.#store, object))?.bytes ?? Buffer.alloc(0);
      for (let i = 0; i < names.length / NAME_BYTES; i++) yield objectName(owner, 'chunk', nameAt(names, i));
      yield object;
    }
    for (const name of this.#names) yield objectName(owner, 'chunk', name);
  }

  async #writeChunks(content: Readable, limit: number): Promise<BlobInfo> {
    const hash = createHash('sha256');
    let size = 0;
    let chunk: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let filled = 0;
    for await (const piece of pieces(content)) {
      size += piece.length;
      if (size > limit) throw tooLong(limit);
      hash.update(piece);
      for (let taken = 0; taken < piece.length; ) {
        const copied = piece.copy(chunk, filled, taken);
        taken += copied;
        filled += copied;
        if (filled < CHUNK_BYTES) continue;
        await this.#addChunk(chunk);
        // That one is still being written.
        chunk = this.#spare.pop() ?? Buffer.allocUnsafe(CHUNK_BYTES);
        filled = 0;
      }
    }
    if (filled > 0) await this.#addChunk(chunk.subarray(0, filled));
    return { digest: hash.digest('hex'), size };
  }

  async #addChunk(plain: Buffer): Promise<void> {
    if (this.#names.length === NAMES_PER_LIST) await this.#endList();
    const index = this.#chunks++;
    const name = keyedName(this.#store.secrets, 'chunk', plain);
    this.#names.push(name);
    await this.#start(async () => {
      const object = objectName(this.#store.secrets.owner, 'chunk', name);
      if (!(await this.#isSound(object))) {
        await putSealed(this.#store, 'chunk', name, await this.#compressor.encode(index, plain));
      }
      if (plain.length === CHUNK_BYTES) this.#spare.push(plain);
    });
  }

  async #endList(): Promise<void> {
    // A list is written after the chunks it names (crash ordering in format.ts).
    await this.#settled();
    const bytes = Buffer.concat(this.#names);
    const name = keyedName(this.#store.secrets, 'list', bytes);
    await putSealed(this.#store, 'list', name, { encoding: 'plain', bytes });
    this.#lists.push(name);
    this.#names = [];
  }

  /** The names for the manifest of a blob of `size` bytes. */
  async #finishNames(size: number): Promise<Buffer> {
    if (shapeOf(size).named === 'chunk') return Buffer.concat(this.#names);
    await this.#endList();
    return Buffer.concat(this.#lists);
  }

  /** Whether the object is there and opens: content that is sent again heals chunks that were damaged. */
  async #isSound(object: string): Promise<boolean> {
    if (!(await this.#store.chunks.has(object))) return false;
    try {
      return (await getSealed(this.#store, object)) !== undefined;
    } catch (error) {
      if (error instanceof BlobDamaged) return false;
      throw error;
    }
  }

  /** Starts the work once there is room, so that content is read no faster than it is written. */
  async #start(work: () => Promise<void>): Promise<void> {
    while (this.#inFlight.size >= IN_FLIGHT) await Promise.race(this.#inFlight);
    this.#throwFailure();
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        if (!this.#failed) this.#failure = error;
        this.#failed = true;
      })
      .finally(() => this.#inFlight.delete(running));
    this.#inFlight.add(running);
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#inFlight);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failed) throw this.#failure;
  }
}

/** The content as buffers. Its own failures become `StoreError`s; leaving the loop early destroys it. */
async function* pieces(content: Readable): AsyncGenerator<Buffer> {
  const iterator = content[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await iterator.next().catch((error: unknown) => {
        throw error instanceof StoreError ? error : brokenOff(error);
      });
      if (step.done) return;
      if (!(step.value instanceof Uint8Array)) throw new TypeError('The content of a blob must be a stream of bytes.');
      yield Buffer.from(step.value.buffer, step.value.byteOffset, step.value.byteLength);
    }
  } finally {
    await iterator.return?.();
  }
}
