/**
 * How a blob is kept: the stored format, version 1.
 *
 * A blob is a tree of stored objects in a `ChunkStore`, all of one owner, all sealed with keys of that owner:
 *
 *     <owner>/blob/<name>    manifest: 32 bytes SHA-256 of the content ‖ 8 bytes its size, big endian ‖ names
 *     <owner>/list/<name>    up to 8191 names of chunks
 *     <owner>/chunk/<name>   up to 262,112 bytes of content
 *
 * `<owner>` is the keyed name of the owner, `<name>` is HMAC-SHA-256(name key, kind ‖ 0x00 ‖ what) in hex, where `what` is
 * the content's SHA-256 for a manifest and the plain bytes for a list or a chunk. The names in a manifest are those of its
 * chunks, or, for more than 8,189 chunks (2 GiB), those of lists of chunks. All chunks but the last are full, so
 * the size alone says how many names there are and of which kind. Largest blob: 8189 × 8191 chunks, 17.6 TB.
 *
 * Chunks have a fixed length and no content-defined borders: what patients' files share is whole files sent twice and files
 * that grew at their end; edits in the middle of a scan or a video do not happen, and fixed borders make a range request
 * one division.
 *
 * A stored object, at most 256 KiB:
 *
 *     1 byte version (1) ‖ 12 bytes nonce ‖ AES-256-GCM ciphertext ‖ 16 bytes tag
 *     plain text: 1 byte encoding (0 as it is, 1 zstd) ‖ 2 bytes length of padding, big endian ‖ body ‖ padding of zeros
 *     additional data: "meridian-blob-v1 " ‖ the object's whole name, such as "<owner>/chunk/<name>"
 *
 * What this gives:
 * - Every object is bound to its owner, its kind and its own content-derived name, so no object can stand in for another.
 *   Order, number and end of the chunks are bound by the manifest, which is itself bound to the content's digest: chunks
 *   that are swapped, dropped, repeated or cut are noticed. (A chunk's own additional data cannot hold its index, the
 *   blob's name or a last-chunk flag: equal chunks of two blobs are one object, and while the content streams in, its
 *   digest is not known yet.) An old copy put back is the same content: there is nothing to roll back to.
 * - Names are keyed with the owner's key: equal files of two patients have nothing in common on disk, and who knows a file
 *   cannot look whether a patient has it.
 * - Nonces are random. A nonce derived from the name would be repeated with another plain text as soon as the compressor
 *   changes, which breaks GCM. Random 96-bit nonces are good for 2^32 objects of one key (NIST SP 800-38D §8.3): 1 PiB per
 *   owner.
 * - Sealed chunks are padded to steps of 16 KiB, manifests and lists to steps of 4 KiB (a disk block: it costs nothing).
 *   Who sees the disk learns how many objects an owner has, when they were written, and their compressed size in these
 *   steps. Padding all chunks to 256 KiB would hide more, and quadruple the disk of the commonest attachment, of 64 KiB.
 *
 * Crash ordering: chunks are durable before the list that names them, lists before the manifest. A blob exists from the
 * moment its manifest does. Whatever ends a put before that leaves objects that no manifest names, and `sweep` removes them.
 */

/** The largest stored object, in bytes. */
export const OBJECT_BYTES = 256 * 1024;
/** Version, nonce, tag, encoding and length of the padding. */
export const SEAL_BYTES = 1 + 12 + 16 + 1 + 2;
/** Plain bytes in every chunk but the last, so that a full one fills its object. */
export const CHUNK_BYTES = OBJECT_BYTES - SEAL_BYTES;

export const NAME_BYTES = 32;
export const DIGEST_BYTES = 32;
export const SIZE_BYTES = 8;
export const NAMES_PER_LIST = CHUNK_BYTES / NAME_BYTES;
export const NAMES_PER_MANIFEST = Math.floor((CHUNK_BYTES - DIGEST_BYTES - SIZE_BYTES) / NAME_BYTES);
export const LARGEST_BLOB_BYTES = NAMES_PER_MANIFEST * NAMES_PER_LIST * CHUNK_BYTES;

export type ObjectKind = 'blob' | 'list' | 'chunk';

/** Stored objects of each kind are a multiple of so many bytes long. */
export const PADDING_STEP: Readonly<Record<ObjectKind, number>> = { blob: 4096, list: 4096, chunk: 16_384 };

/** The tree of a blob of `size` bytes. */
export interface BlobShape {
  chunks: number;
  /** What the names in the manifest are the names of. */
  named: 'chunk' | 'list';
  /** How many names the manifest holds. */
  names: number;
}

export function shapeOf(size: number): BlobShape {
  const chunks = Math.ceil(size / CHUNK_BYTES);
  return chunks <= NAMES_PER_MANIFEST
    ? { chunks, named: 'chunk', names: chunks }
    : { chunks, named: 'list', names: Math.ceil(chunks / NAMES_PER_LIST) };
}

/** Plain bytes in chunk `index` of a blob of `size` bytes. */
export function chunkLength(size: number, index: number): number {
  return Math.min(CHUNK_BYTES, size - index * CHUNK_BYTES);
}
