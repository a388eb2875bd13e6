import { appendLeaves } from './append.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { LedgerError } from './error.ts';
import { storageSource } from './log-source.ts';
import { MemoryStorage } from './memory-storage.ts';
import type { NoteSigner, SignedNote } from './signed-note.ts';
import { signNote } from './signed-note.ts';
import { TileReader } from './tile-reader.ts';
import type { TreeHead } from './verify-proof.ts';

/** Helpers for the tests of this package; not part of its public face. */

/** A 32-byte seed or salt that is the same in every run. */
export function seed(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

/** Small distinct entries, from number `from` on. */
export function entries(count: number, from = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => new TextEncoder().encode(`entry ${from + i}`));
}

/** A log in memory with these leaves, appended in batches of `batch`, and its head. */
export async function logOf(
  leaves: readonly Uint8Array[],
  batch = 1000,
): Promise<{ storage: MemoryStorage; head: TreeHead }> {
  const storage = new MemoryStorage();
  let append = await appendLeaves(storage, []);
  for (let at = 0; at < leaves.length; at += batch) {
    append = await appendLeaves(storage, leaves.slice(at, at + batch));
    await storage.commit(append);
  }
  return { storage, head: { size: append.size, root: append.root } };
}

/** A reader of the log as it was at `head`. */
export function readerOf(storage: MemoryStorage, head: TreeHead): Promise<TileReader> {
  return TileReader.open(storageSource(storage), head);
}

/** A signed checkpoint of `head`. */
export function signedCheckpoint(origin: string, head: TreeHead, signers: readonly NoteSigner[]): Promise<SignedNote> {
  return signNote(formatCheckpoint({ origin, ...head }), signers);
}

/** `bytes` with the byte at `at` changed. */
export function flipped(bytes: Uint8Array, at: number, mask = 0x01): Uint8Array {
  const copy = bytes.slice();
  copy[at] = copy[at]! ^ mask;
  return copy;
}

/** Runs a parser on hostile input: it may refuse with a `LedgerError` and in no other way. */
export function readsOrRefuses<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}
