import { pipeline, type Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import type { Extent, InstanceIndex } from '@meridian/convert';
import type { BlobStore } from '@meridian/records';
import { refusal } from '../http/http-error.ts';
import { type KeptInstance, ownerOf } from './kept-instance.ts';

/** The whole instance as it came (PS3.10). */
export async function instanceBytes(kept: KeptInstance, blobs: BlobStore): Promise<Readable> {
  return blobBytes(kept, blobs);
}

/** A part of an instance, as `Extent` counts: of what was deflated, inflated. */
export async function* extentBytes(
  kept: KeptInstance,
  { deflatedFrom }: InstanceIndex,
  extent: Extent,
  blobs: BlobStore,
): AsyncGenerator<Buffer> {
  if (deflatedFrom === undefined) {
    yield* await blobBytes(kept, blobs, extent);
    return;
  }
  // what is deflated can only be read from its beginning
  const deflated = await blobBytes(kept, blobs, { start: deflatedFrom, end: kept.size });
  const inflated = createInflateRaw();
  pipeline(deflated, inflated, () => {});
  let at = deflatedFrom;
  for await (const chunk of inflated as AsyncIterable<Buffer>) {
    const [from, to] = [Math.max(0, extent.start - at), Math.min(chunk.length, extent.end - at)];
    if (to > from) yield chunk.subarray(from, to);
    at += chunk.length;
    if (at >= extent.end) return;
  }
}

/** Several parts one after the other, in memory: of one frame, which is bounded. */
export async function gathered(
  kept: KeptInstance,
  index: InstanceIndex,
  extents: readonly Extent[],
  blobs: BlobStore,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (const extent of extents) for await (const chunk of extentBytes(kept, index, extent, blobs)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function blobBytes(kept: KeptInstance, blobs: BlobStore, range?: Extent): Promise<Readable> {
  const found = await blobs.get(ownerOf(kept), kept.digest, range);
  if (!found) throw refusal(410, 'deleted', 'The content of this instance has been purged.');
  return found.content;
}
