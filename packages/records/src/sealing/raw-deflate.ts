import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Bytes of the largest text that these take and give. */
export const MOST_DEFLATED = 16_384;

/**
 * A window of 16 KB and small tables: most of the cost at this size is making the tables, so that a higher level costs
 * next to nothing. Part of the storage format: the window must not shrink.
 */
const DEFLATE_OPTIONS = { level: 6, memLevel: 6, windowBits: 14, chunkSize: 4096 };
const INFLATE_OPTIONS = { windowBits: 14, chunkSize: 4096, maxOutputLength: MOST_DEFLATED };

/** Turns small texts into raw DEFLATE (RFC 1951) with a preset dictionary, and back. */
export interface RawDeflate {
  /** Undefined where the result would not be smaller. */
  deflate(plain: Buffer): Buffer | undefined;
  /** @throws Error on bytes that `deflate` never made, and on what would be longer than `MOST_DEFLATED` */
  inflate(packed: Buffer): Buffer;
}

/** By Node's synchronous calls. Each makes an engine of its own: to keep one gives other bytes now and then. */
export function openRawDeflate(dictionary: Buffer): RawDeflate {
  return {
    deflate(plain) {
      const packed = deflateRawSync(plain, { ...DEFLATE_OPTIONS, dictionary });
      return packed.length < plain.length ? packed : undefined;
    },
    inflate: (packed) => inflateRawSync(packed, { ...INFLATE_OPTIONS, dictionary }),
  };
}
