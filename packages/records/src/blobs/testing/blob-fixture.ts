import { createHmac, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { BlobOwner } from '../../store.ts';
import { ChunkedBlobStore } from '../blob-store.ts';
import type { ChunkStore } from '../chunk-store.ts';
import { FileChunkStore } from '../file-chunk-store.ts';
import type { BlobKeys } from '../keys.ts';
import { LocalOwnerLocks } from '../owner-locks.ts';

const ROOT = Buffer.alloc(32, 7);
const derived = (label: string, owner: BlobOwner) =>
  createHmac('sha256', ROOT)
    .update(label)
    .update(owner.patientId ?? '')
    .digest();

/** Keys that a second process can derive too. */
export const testKeys: BlobKeys = {
  blobKey: async (owner) => createSecretKey(derived('key', owner)),
  ownerName: (owner) => derived('name', owner).toString('hex', 0, 16),
};

export function openStore(
  folder: string,
  keys: BlobKeys = testKeys,
  chunks: ChunkStore = new FileChunkStore({ folder, unique: randomUUID }),
): ChunkedBlobStore {
  return new ChunkedBlobStore({ chunks, keys, locks: new LocalOwnerLocks(), random: randomBytes });
}

/** For `sweep`: the key of any of these owners by name. */
export function keyOf(...owners: BlobOwner[]) {
  return async (name: string) => {
    const owner = owners.find((each) => testKeys.ownerName(each) === name);
    return owner && testKeys.blobKey(owner);
  };
}

export function streamOf(bytes: Uint8Array, piece = 65_536): Readable {
  const pieces: Uint8Array[] = [];
  for (let i = 0; i < bytes.length; i += piece) pieces.push(bytes.subarray(i, i + piece));
  return Readable.from(pieces, { objectMode: false });
}

/** `size` bytes in pieces of 1 MiB, no two chunks alike, not compressible. */
export function noise(size: number): Readable {
  return Readable.from(noisePieces(size), { objectMode: false });
}

function* noisePieces(size: number): Generator<Buffer> {
  const block = randomBytes(1024 * 1024);
  for (let sent = 0; sent < size; sent += block.length) {
    const piece = Buffer.from(block.subarray(0, Math.min(block.length, size - sent)));
    for (let i = 0; i + 4 <= piece.length; i += 4096) piece.writeUInt32LE(sent / 1024 + i, i);
    yield piece;
  }
}

export async function readAll(
  store: ChunkedBlobStore,
  owner: BlobOwner,
  digest: string,
  range?: { start: number; end: number },
): Promise<Buffer | undefined> {
  const found = await store.get(owner, digest, range);
  return found && buffer(found.content);
}

/** All files below a folder, temporary ones included. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
