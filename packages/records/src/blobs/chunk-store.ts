import type { ObjectKind } from './format.ts';

/** An object as a listing shows it. */
export interface ListedObject {
  name: string;
  /** When it was last written, epoch milliseconds by the store's clock. */
  modified: number;
}

/**
 * Where sealed objects lie: a folder, or a bucket of an S3 store. It sees ciphertext under keyed names only.
 *
 * Names are `<owner>/<kind>/<name>` as `objectName` makes them. No operation needs more than S3 gives: there is no
 * rename, no append, no lock. Objects are small (256 KiB at most), so `put` and `get` take whole buffers.
 */
export interface ChunkStore {
  /** Writes an object, or replaces it. All or nothing, and durable when the promise resolves. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** The first `limit` bytes of an object, undefined where there is none. (One that was cut does not unseal.) */
  get(name: string, limit: number): Promise<Buffer | undefined>;
  /** Whether the object is there for good: true only if it would also be there after a power cut now. */
  has(name: string): Promise<boolean>;
  /** Removes an object durably. Not an error where there is none. */
  delete(name: string): Promise<void>;
  /** All objects of one kind of an owner, in any order. What is written or deleted meanwhile may or may not show. */
  list(owner: string, kind: ObjectKind): AsyncIterable<ListedObject>;
  /** All owners that have, or had, objects. */
  owners(): AsyncIterable<string>;
  /** Removes everything of an owner, also what interrupted puts left. */
  deleteOwner(owner: string): Promise<void>;
  /** Removes what puts that were interrupted before `olderThan` (epoch milliseconds) left of an owner. */
  tidy(owner: string, olderThan: number): Promise<void>;
}

/** `name` is the 32-byte keyed name. */
export function objectName(owner: string, kind: ObjectKind, name: Uint8Array): string {
  return `${owner}/${kind}/${Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('hex')}`;
}

const OBJECT_NAME = /^([0-9a-f]{32,128})\/(blob|list|chunk)\/([0-9a-f]{64})$/;

/**
 * The parts of an object's name. Throws on anything else: every store calls this first, so no name can lead out of its
 * folder or bucket.
 */
export function parseObjectName(name: string): { owner: string; kind: ObjectKind; hex: string } {
  const [, owner, kind, hex] = OBJECT_NAME.exec(name) ?? [];
  if (owner === undefined || kind === undefined || hex === undefined) {
    throw new TypeError('Not the name of a stored object.');
  }
  return { owner, kind: kind as ObjectKind, hex };
}
