import type { BlobInfo } from '../store.ts';
import { BlobDamaged, goneWhileReading } from './blob-errors.ts';
import { objectName } from './chunk-store.ts';
import { decodeChunk } from './compression.ts';
import { CHUNK_BYTES, chunkLength, NAMES_PER_LIST, shapeOf } from './format.ts';
import { type Manifest, manifestObject, nameAt, readList } from './manifest.ts';
import { getSealed, type SealedStore } from './seal.ts';

/** Chunks fetched and opened before the reader of the stream has asked for them. Bounds its memory. */
const READ_AHEAD = 3;

/** The bytes [start, end) of a blob, opening only the chunks they lie in. Yields whole verified chunks or parts of them. */
export async function* readRange(
  store: SealedStore,
  manifest: Manifest,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  const first = Math.floor(start / CHUNK_BYTES);
  const last = Math.ceil(end / CHUNK_BYTES);
  const ahead: Promise<Buffer>[] = [];
  const cut = async (index: number, name: Buffer): Promise<Buffer> => {
    const chunk = await readChunk(store, manifest.info, index, name);
    const offset = index * CHUNK_BYTES;
    return chunk.subarray(Math.max(0, start - offset), Math.min(chunk.length, end - offset));
  };
  let index = first;
  for await (const name of chunkNames(store, manifest, first, last)) {
    const chunk = cut(index++, name);
    // If the stream is left early, nobody waits for this one.
    chunk.catch(() => undefined);
    ahead.push(chunk);
    if (ahead.length > READ_AHEAD) yield await ahead.shift()!;
  }
  for (const chunk of ahead) yield await chunk;
}

/** The names of the chunks [first, last) of a blob. */
async function* chunkNames(
  store: SealedStore,
  manifest: Manifest,
  first: number,
  last: number,
): AsyncGenerator<Buffer> {
  const { named, chunks } = shapeOf(manifest.info.size);
  if (named === 'chunk') {
    for (let index = first; index < last; index++) yield nameAt(manifest.names, index);
    return;
  }
  for (let index = first; index < last; ) {
    const list = Math.floor(index / NAMES_PER_LIST);
    const names = await readList(store, nameAt(manifest.names, list), list, chunks);
    const listEnd = Math.min(last, (list + 1) * NAMES_PER_LIST);
    for (; index < listEnd; index++) yield nameAt(names, index - list * NAMES_PER_LIST);
  }
}

async function readChunk(store: SealedStore, info: BlobInfo, index: number, name: Buffer): Promise<Buffer> {
  const object = objectName(store.secrets.owner, 'chunk', name);
  const body = await getSealed(store, object);
  if (!body) throw await missing(store, info, object);
  const plain = await decodeChunk(body, chunkLength(info.size, index));
  if (!plain) throw new BlobDamaged(object, 'altered');
  return plain;
}

/** A release takes the manifest before the chunks: without a manifest, a missing chunk is no damage. */
async function missing(store: SealedStore, info: BlobInfo, object: string): Promise<Error> {
  const manifest = manifestObject(store.secrets, info.digest);
  const released = manifest !== undefined && !(await store.chunks.has(manifest));
  return released ? goneWhileReading() : new BlobDamaged(object, 'missing');
}
