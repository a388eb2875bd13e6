import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { BlobOwner } from '../store.ts';
import type { ObjectKind } from './format.ts';

/** What the blob store needs of the key tree. */
export interface BlobKeys {
  /**
   * A symmetric key of 32 bytes for this owner's blobs, stable over time, destroyed when the owner is erased. Rejects
   * with a `StoreError` where it was destroyed.
   */
  blobKey(owner: BlobOwner): Promise<KeyObject>;
  /** A keyed name of this owner, 128 bits or longer, as lower-case hex, for folder and row names. */
  ownerName(owner: BlobOwner): string;
}

/** An owner's name and the two keys derived from the blob key: one seals, one names. */
export interface OwnerSecrets {
  owner: string;
  sealKey: KeyObject;
  nameKey: KeyObject;
}

const OWNER_NAME = /^[0-9a-f]{32,128}$/;

/** HKDF-SHA-256 (RFC 5869) with one label for each use. Throws where name or key is not what `BlobKeys` promises. */
export function deriveSecrets(owner: string, blobKey: KeyObject): OwnerSecrets {
  if (!OWNER_NAME.test(owner)) throw new TypeError('The name of a blob owner must be 32 to 128 lower-case hex digits.');
  if (blobKey.symmetricKeySize !== 32) throw new TypeError('A blob key must be a secret key of 32 bytes.');
  const derive = (label: string) => createSecretKey(Buffer.from(hkdfSync('sha256', blobKey, '', label, 32)));
  return { owner, sealKey: derive('meridian blob v1 seal'), nameKey: derive('meridian blob v1 name') };
}

/** The name of a stored object: HMAC-SHA-256 over its kind and what it holds (see format.ts). */
export function keyedName(secrets: OwnerSecrets, kind: ObjectKind, what: Uint8Array): Buffer {
  return createHmac('sha256', secrets.nameKey).update(kind).update('\0').update(what).digest();
}
