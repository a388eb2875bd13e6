import { BlobDamaged } from './blob-errors.ts';
import { objectName } from './chunk-store.ts';
import { NAME_BYTES, shapeOf } from './format.ts';
import { type Manifest, nameAt, readList, readManifest } from './manifest.ts';
import type { SealedStore } from './seal.ts';

/** Candidates weighed against all manifests of the owner at a time: about 20 MB. */
const BATCH = 65_536;
const DELETES_AT_ONCE = 8;

/**
 * Deletes those of the candidates that no manifest of the owner names, and answers how many. The caller holds the owner's
 * `collecting` lock: no put is between finding a chunk and writing the manifest that names it.
 *
 * `BlobDamaged` if a manifest or list cannot be read: what it names cannot be known, so nothing more is deleted.
 */
export async function deleteUnnamed(store: SealedStore, candidates: AsyncIterable<string>): Promise<number> {
  let deleted = 0;
  let batch = new Set<string>();
  for await (const candidate of candidates) {
    batch.add(candidate);
    if (batch.size < BATCH) continue;
    deleted += await deleteBatch(store, batch);
    batch = new Set();
  }
  return deleted + (await deleteBatch(store, batch));
}

async function deleteBatch(store: SealedStore, batch: Set<string>): Promise<number> {
  if (batch.size === 0) return 0;
  for await (const { name } of store.chunks.list(store.secrets.owner, 'blob')) {
    const manifest = await readManifest(store, name);
    if (!manifest) continue;
    for await (const object of namedObjects(store, manifest)) batch.delete(object);
    if (batch.size === 0) return 0;
  }
  const rest = [...batch];
  for (let i = 0; i < rest.length; i += DELETES_AT_ONCE) {
    await Promise.all(rest.slice(i, i + DELETES_AT_ONCE).map((object) => store.chunks.delete(object)));
  }
  return rest.length;
}

/** All objects that a manifest names; each list after the chunks in it. */
export async function* namedObjects(store: SealedStore, { info, names }: Manifest): AsyncGenerator<string> {
  const { owner } = store.secrets;
  const shape = shapeOf(info.size);
  for (let index = 0; index < shape.names; index++) {
    const name = nameAt(names, index);
    if (shape.named === 'list') yield* listedChunks(owner, await readList(store, name, index, shape.chunks));
    yield objectName(owner, shape.named, name);
  }
}

function* listedChunks(owner: string, names: Buffer): Generator<string> {
  for (let index = 0; index < names.length / NAME_BYTES; index++)
    yield objectName(owner, 'chunk', nameAt(names, index));
}

/** The objects of a manifest that has been deleted, as far as its lists can still be read; the sweep finds the rest. */
export async function* objectsOfReleased(store: SealedStore, manifest: Manifest): AsyncGenerator<string> {
  try {
    yield* namedObjects(store, manifest);
  } catch (error) {
    if (!(error instanceof BlobDamaged)) throw error;
  }
}

/** Chunks and lists of the owner that were last written before `olderThan`, epoch milliseconds. */
export async function* oldObjects(store: SealedStore, olderThan: number): AsyncGenerator<string> {
  for (const kind of ['chunk', 'list'] as const) {
    for await (const { name, modified } of store.chunks.list(store.secrets.owner, kind)) {
      if (modified < olderThan) yield name;
    }
  }
}
