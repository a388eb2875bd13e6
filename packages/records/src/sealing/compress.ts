import { constants, deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { DICTIONARIES, LATEST_DICTIONARY } from './dictionary.ts';

/** How sealed content was compressed; the first byte of it. Part of the storage format. */
const STORED = 0;
/** Raw DEFLATE (RFC 1951) with the preset dictionary whose version is the next byte. */
const DEFLATE = 1;
/** Zstandard (RFC 8878), no dictionary: for what is too large to gain from one. */
const ZSTD = 2;

/** Above this size a dictionary gains nothing and zstd is both smaller and faster. */
const LARGE = 16_384;
/**
 * A window of 16 KB and small tables: most of the cost at this size is making the tables, so that a higher level costs
 * next to nothing. Part of the storage format: the window must not shrink.
 */
const DEFLATE_OPTIONS = { level: 6, memLevel: 6, windowBits: 14, chunkSize: 4096 };
const INFLATE_OPTIONS = { windowBits: 14, chunkSize: 4096, maxOutputLength: LARGE };
/** No record version is larger; a sealed body that claims more is damaged. */
export const LARGEST_BODY = 128 * 1024 * 1024;

/**
 * Compresses a record version. Small ones (nearly all) use DEFLATE with a dictionary of FHIR phrases: through Node's
 * bindings it costs less than zstd at this size (docs/decisions/0006-compression.md has the figures).
 */
export function compress(plain: Buffer): Buffer {
  if (plain.length > LARGE) {
    const packed = zstdCompressSync(plain, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
    return packed.length < plain.length ? withHeader([ZSTD], packed) : withHeader([STORED], plain);
  }
  const dictionary = DICTIONARIES.get(LATEST_DICTIONARY);
  const packed = deflateRawSync(plain, { ...DEFLATE_OPTIONS, ...(dictionary && { dictionary }) });
  return packed.length < plain.length ? withHeader([DEFLATE, LATEST_DICTIONARY], packed) : withHeader([STORED], plain);
}

/** Undoes `compress`. Throws on bytes that it never made. */
export function decompress(packed: Buffer): Buffer {
  switch (packed[0]) {
    case STORED:
      return packed.subarray(1);
    case DEFLATE: {
      const dictionary = DICTIONARIES.get(packed[1] ?? -1);
      if (!dictionary)
        throw new RangeError(`the record needs dictionary ${packed[1]}, which this version does not have`);
      return inflateRawSync(packed.subarray(2), { ...INFLATE_OPTIONS, dictionary });
    }
    case ZSTD:
      return zstdDecompressSync(packed.subarray(1), { maxOutputLength: LARGEST_BODY });
    default:
      throw new RangeError('the record was compressed in a way that this version does not know');
  }
}

function withHeader(header: readonly number[], content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(header), content]);
}
