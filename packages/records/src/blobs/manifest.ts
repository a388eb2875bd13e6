import type { BlobInfo } from '../store.ts';
import { BlobDamaged } from './blob-errors.ts';
import { objectName } from './chunk-store.ts';
import { DIGEST_BYTES, LARGEST_BLOB_BYTES, NAME_BYTES, NAMES_PER_LIST, SIZE_BYTES, shapeOf } from './format.ts';
import { keyedName, type OwnerSecrets } from './keys.ts';
import { getSealed, putSealed, type SealedStore } from './seal.ts';

/** A blob as its manifest describes it (see format.ts). */
export interface Manifest {
  info: BlobInfo;
  /** Names of 32 bytes, one after the other: of chunks, or of lists of chunks, as `shapeOf(info.size).named` says. */
  names: Buffer;
}

const HEX_DIGEST = /^[0-9a-f]{64}$/;
const HEADER_BYTES = DIGEST_BYTES + SIZE_BYTES;

/** The object that holds the manifest of a blob; undefined for what is no lower-case hex SHA-256. */
export function manifestObject(secrets: OwnerSecrets, digest: string): string | undefined {
  if (!HEX_DIGEST.test(digest)) return undefined;
  return objectName(secrets.owner, 'blob', keyedName(secrets, 'blob', Buffer.from(digest, 'hex')));
}

export async function putManifest(store: SealedStore, { info, names }: Manifest): Promise<void> {
  const digest = Buffer.from(info.digest, 'hex');
  const size = Buffer.alloc(SIZE_BYTES);
  size.writeBigUInt64BE(BigInt(info.size));
  const bytes = Buffer.concat([digest, size, names]);
  await putSealed(store, 'blob', keyedName(store.secrets, 'blob', digest), { encoding: 'plain', bytes });
}

/** Undefined where there is no such manifest, `BlobDamaged` where it is not what was written. */
export async function readManifest(store: SealedStore, object: string): Promise<Manifest | undefined> {
  const body = await getSealed(store, object);
  if (!body) return undefined;
  const manifest = decode(body.bytes);
  if (!manifest || manifestObject(store.secrets, manifest.info.digest) !== object) {
    throw new BlobDamaged(object, 'altered');
  }
  return manifest;
}

function decode(bytes: Buffer): Manifest | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const size = Number(bytes.readBigUInt64BE(DIGEST_BYTES));
  if (size > LARGEST_BLOB_BYTES) return undefined;
  const names = bytes.subarray(HEADER_BYTES);
  if (names.length !== shapeOf(size).names * NAME_BYTES) return undefined;
  return { info: { digest: bytes.toString('hex', 0, DIGEST_BYTES), size }, names };
}

export function nameAt(names: Buffer, index: number): Buffer {
  return names.subarray(index * NAME_BYTES, (index + 1) * NAME_BYTES);
}

/** The names in list `index` of a blob of `chunks` chunks. */
export async function readList(store: SealedStore, name: Buffer, index: number, chunks: number): Promise<Buffer> {
  const object = objectName(store.secrets.owner, 'list', name);
  const body = await getSealed(store, object);
  if (!body) throw new BlobDamaged(object, 'missing');
  const expected = Math.min(NAMES_PER_LIST, chunks - index * NAMES_PER_LIST);
  if (body.bytes.length !== expected * NAME_BYTES) throw new BlobDamaged(object, 'altered');
  return body.bytes;
}
