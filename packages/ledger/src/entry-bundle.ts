import { LedgerError } from './error.ts';
import { TILE_WIDTH } from './tile.ts';

/** Longest entry a bundle can carry, in bytes: its length is a uint16 (C2SP tlog-tiles, Log entries). */
export const MAX_ENTRY_BYTES = 0xffff;

/** Entries as a bundle: each one preceded by its length in two big-endian bytes. Throws `bad-bundle`. */
export function formatBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length > TILE_WIDTH) throw new LedgerError('bad-bundle', `A bundle holds at most ${TILE_WIDTH} entries.`);
  let length = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new LedgerError('bad-bundle', `An entry has at most ${MAX_ENTRY_BYTES} bytes; log its hash instead.`);
    }
    length += 2 + entry.length;
  }
  const bundle = new Uint8Array(length);
  let at = 0;
  for (const entry of entries) {
    bundle[at] = entry.length >>> 8;
    bundle[at + 1] = entry.length & 0xff;
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}

/** The `width` entries of a bundle, as views into it. Throws `bad-bundle` unless it holds just those. */
export function parseBundle(bundle: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width) {
    const end = at + 2 + ((bundle[at] ?? 0) << 8) + (bundle[at + 1] ?? 0);
    if (at + 2 > bundle.length || end > bundle.length) {
      throw new LedgerError(
        'bad-bundle',
        `The bundle ends within entry ${entries.length} of ${width}; fetch it again.`,
      );
    }
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  if (at !== bundle.length) {
    throw new LedgerError('bad-bundle', `The bundle goes on after its ${width} entries; fetch it again.`);
  }
  return entries;
}

/**
 * The first `width` entries of a bundle that may hold more, still encoded: how a partial bundle is served. Undefined
 * where it holds fewer; throws `bad-bundle` where it ends within an entry.
 */
export function truncateBundle(bundle: Uint8Array, width: number): Uint8Array | undefined {
  let at = 0;
  for (let i = 0; i < width; i++) {
    if (at === bundle.length) return undefined;
    at += 2 + ((bundle[at] ?? 0) << 8) + (bundle[at + 1] ?? 0);
    if (at > bundle.length) throw new LedgerError('bad-bundle', 'The bundle ends within an entry; fetch it again.');
  }
  return bundle.subarray(0, at);
}
