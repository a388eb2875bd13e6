import { truncateBundle } from './entry-bundle.ts';
import { LedgerError } from './error.ts';
import { HASH_SIZE } from './hasher.ts';
import type { LogStorage } from './log-storage.ts';
import { type ResourceId, resourcePath, TILE_WIDTH } from './tile.ts';

/**
 * Fetches a tile or bundle of a log: just the bytes asked for, or undefined where the log does not have them. May be
 * called many times at once.
 */
export type FetchResource = (id: ResourceId) => Promise<Uint8Array | undefined>;

/** The part of the `fetch` of browsers and Node used here. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

// 256 entries of 65,535 bytes with their lengths; a tile is far smaller.
const MAX_RESOURCE_BYTES = TILE_WIDTH * (2 + 0xffff);

/** What the store holds of a tile or bundle, cut to the width asked for; undefined where it holds less. */
export async function readResource(storage: LogStorage, id: ResourceId): Promise<Uint8Array | undefined> {
  if (id.kind === 'tile') {
    const bytes = await storage.tile(id.level, id.index);
    return bytes !== undefined && bytes.length >= id.width * HASH_SIZE
      ? bytes.subarray(0, id.width * HASH_SIZE)
      : undefined;
  }
  const bytes = await storage.bundle(id.index);
  return bytes === undefined ? undefined : truncateBundle(bytes, id.width);
}

/** Reads a log from its store. */
export function storageSource(storage: LogStorage): FetchResource {
  return (id) => readResource(storage, id);
}

/**
 * Reads a log over HTTP (C2SP tlog-tiles). `prefix` is the URL of the log without a slash at its end. A partial tile
 * that is gone is cut out of the full one, as the specification allows a log to keep only that.
 */
export function httpSource(prefix: string, fetch: Fetch, signal?: AbortSignal): FetchResource {
  const get = async (id: ResourceId): Promise<Uint8Array | undefined> => {
    const response = await fetch(`${prefix}/${resourcePath(id)}`, signal === undefined ? {} : { signal });
    if (response.status === 404 || response.status === 410) {
      await response.body?.cancel();
      return undefined;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new LedgerError('not-found', `The log answered ${response.status} for a tile; try again later.`);
    }
    return readBounded(response, MAX_RESOURCE_BYTES);
  };
  return async (id) => {
    const bytes = await get(id);
    if (bytes !== undefined || id.width === TILE_WIDTH) return bytes;
    const full = await get({ ...id, width: TILE_WIDTH });
    if (full === undefined) return undefined;
    return id.kind === 'tile' ? full.subarray(0, id.width * HASH_SIZE) : truncateBundle(full, id.width);
  };
}

/** Body of a response of at most `limit` bytes; a longer one is given up with `out-of-range`. */
export async function readBounded(response: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    length += part.value.length;
    if (length > limit) {
      await reader?.cancel();
      throw new LedgerError('out-of-range', `The answer is longer than ${limit} bytes; it is not what was asked for.`);
    }
    chunks.push(part.value);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
