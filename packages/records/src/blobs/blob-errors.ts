import { StoreError } from '../errors.ts';
import type { ChunkStore, ListedObject } from './chunk-store.ts';

/** A stored object is not what was written. Nothing of it is given out. */
export class BlobDamaged extends StoreError {
  /** The object's name in the chunk store: a keyed name that says nothing about the record. */
  readonly object: string;
  readonly damage: 'missing' | 'altered';

  constructor(object: string, damage: 'missing' | 'altered') {
    super(
      'exception',
      500,
      `This file cannot be read: its stored object ${object} is ${damage}. Restore that object from a backup of the blob store.`,
    );
    this.name = 'BlobDamaged';
    this.object = object;
    this.damage = damage;
  }
}

export function tooLong(limit: number): StoreError {
  return new StoreError('too-long', 413, `The content is longer than the ${limit} bytes that are allowed. Send less.`);
}

export function brokenOff(cause: unknown): StoreError {
  const error = new StoreError(
    'incomplete',
    400,
    'The content broke off before its end. Nothing was kept; send it again.',
  );
  error.cause = cause;
  return error;
}

export function goneWhileReading(): StoreError {
  return new StoreError('deleted', 410, 'This file was removed while it was being read.');
}

export function badRange(size: number): StoreError {
  return new StoreError('value', 416, `The range does not lie within the ${size} bytes of this file.`);
}

function storeFailure(error: unknown): unknown {
  if (error instanceof StoreError || error instanceof TypeError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const failure = full
    ? new StoreError(
        'no-store',
        507,
        'The disk of the blob store is full. The operator must make room; then try again.',
      )
    : new StoreError('no-store', 503, 'The blob store does not answer. Try again; if it stays so, tell the operator.');
  failure.cause = error;
  return failure;
}

/** The same store, whose failures are `StoreError`s with the failure itself as `cause`. */
export function withStoreErrors(store: ChunkStore): ChunkStore {
  const rethrow = (error: unknown): never => {
    throw storeFailure(error);
  };
  async function* all<T>(listing: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* listing;
    } catch (error) {
      rethrow(error);
    }
  }
  return {
    put: (name, bytes) => store.put(name, bytes).catch(rethrow),
    get: (name, limit) => store.get(name, limit).catch(rethrow),
    has: (name) => store.has(name).catch(rethrow),
    delete: (name) => store.delete(name).catch(rethrow),
    list: (owner, kind): AsyncGenerator<ListedObject> => all(store.list(owner, kind)),
    owners: () => all(store.owners()),
    deleteOwner: (owner) => store.deleteOwner(owner).catch(rethrow),
    tidy: (owner, olderThan) => store.tidy(owner, olderThan).catch(rethrow),
  };
}
