import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { DICTIONARIES, LATEST_DICTIONARY } from './dictionary.ts';
import { MOST_DEFLATED, openRawDeflate, type RawDeflate } from './raw-deflate.ts';

/** How sealed content was compressed; the first byte of it. Part of the storage format. */
const STORED = 0;
/** Raw DEFLATE (RFC 1951) with the preset dictionary whose version is the next byte. */
const DEFLATE = 1;
/** Zstandard (RFC 8878), no dictionary: for what is too large to gain from one. */
const ZSTD = 2;

/** Above this size a dictionary gains nothing and zstd is both smaller and faster. */
const LARGE = MOST_DEFLATED;
/** For each dictionary; made when first needed, one set in each thread. */
const ENGINES = new Map<number, RawDeflate>();
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
  const packed = engine(LATEST_DICTIONARY).deflate(plain);
  return packed ? withHeader([DEFLATE, LATEST_DICTIONARY], packed) : withHeader([STORED], plain);
}

/** Undoes `compress`. Throws on bytes that it never made. */
export function decompress(packed: Buffer): Buffer {
  switch (packed[0]) {
    case STORED:
      return packed.subarray(1);
    case DEFLATE:
      return engine(packed[1] ?? -1).inflate(packed.subarray(2));
    case ZSTD:
      return zstdDecompressSync(packed.subarray(1), { maxOutputLength: LARGEST_BODY });
    default:
      throw new RangeError('the record was compressed in a way that this version does not know');
  }
}

function engine(version: number): RawDeflate {
  let known = ENGINES.get(version);
  if (!known) {
    const dictionary = DICTIONARIES.get(version);
    if (!dictionary) throw new RangeError(`the record needs dictionary ${version}, which this version does not have`);
    known = openRawDeflate(dictionary);
    ENGINES.set(version, known);
  }
  return known;
}

function withHeader(header: readonly number[], content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(header), content]);
}
