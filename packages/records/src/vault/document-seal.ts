import { decode, encode } from 'cborg';
import { RETENTION_CLASS } from '../sealing/bucket.ts';
import { SealBroken } from '../sealing/seal.ts';
import type { VaultContent } from './vault.ts';

/** Most bytes of a document's content as JSON. */
const LARGEST = 256 * 1024;
const LONGEST_ID = 512;
const MOST_LOOKUPS = 16;

/** What is sealed: the id travels with the content, because its name on disk is only a token of it. */
export function encodeDocument(id: string, content: VaultContent): Buffer {
  const json = JSON.stringify(content);
  if (Buffer.byteLength(json) > LARGEST) throw new RangeError('A document of the vault may have 256 KB at most.');
  return Buffer.from(encode([id, json]));
}

/** @throws SealBroken where the document is another one than was asked for */
export function decodeDocument(plain: Buffer): { id: string; content: VaultContent } {
  const [id, json] = decode(plain) as [unknown, unknown];
  if (typeof id !== 'string' || typeof json !== 'string') throw new SealBroken();
  return { id, content: JSON.parse(json) as VaultContent };
}

/** The bucket whose key seals a document: administrative where it is a patient's, shared otherwise. */
export function documentBucket(ofPatient: boolean, at: number): number {
  const retentionClass = ofPatient ? RETENTION_CLASS.administrative : RETENTION_CLASS.shared;
  return retentionClass * 10_000 + new Date(at).getUTCFullYear();
}

/** Where a document stands: authenticated with it, so that no document can take the place of another or of its past. */
export function documentPlace(row: {
  kind: number;
  name: bigint;
  revision: number;
  bucket: number;
  patient: bigint;
}): Buffer {
  const place = Buffer.alloc(31);
  place.write('vault', 0);
  place.writeBigInt64BE(row.patient, 5);
  place.writeBigInt64BE(row.name, 13);
  place.writeInt32BE(row.revision, 21);
  place.writeInt32BE(row.bucket, 25);
  place.writeInt16BE(row.kind, 29);
  return place;
}

/** Throws RangeError for what does not fit; ids and lookups come from programs, so this is a bug of theirs. */
export function checkNames(id: string, lookups: readonly string[]): void {
  if (id.length === 0 || id.length > LONGEST_ID) throw new RangeError('An id in the vault has 1 to 512 characters.');
  if (lookups.length > MOST_LOOKUPS) throw new RangeError('A document of the vault has 16 lookups at most.');
}
