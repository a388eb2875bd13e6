import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { BlobStore } from '../store.ts';
import { ChunkedBlobStore } from './blob-store.ts';
import { FileChunkStore } from './file-chunk-store.ts';
import type { BlobKeys } from './keys.ts';
import { LocalOwnerLocks } from './owner-locks.ts';

/**
 * The blob store in a folder, which is made where it is missing. The locks are this thread's own: that is enough as long
 * as only the server's main thread collects (`release`, `sweep`) and nothing collects while imports write.
 */
export function openBlobs(folder: string, keys: BlobKeys): BlobStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const chunks = new FileChunkStore({ folder, unique: randomUUID });
  return new ChunkedBlobStore({ chunks, keys, locks: new LocalOwnerLocks(), random: randomBytes });
}
