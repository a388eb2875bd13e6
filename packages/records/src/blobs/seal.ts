import { createCipheriv, createDecipheriv } from 'node:crypto';
import { BlobDamaged } from './blob-errors.ts';
import { type ChunkStore, objectName, parseObjectName } from './chunk-store.ts';
import { OBJECT_BYTES, type ObjectKind, PADDING_STEP, SEAL_BYTES } from './format.ts';
import type { OwnerSecrets } from './keys.ts';

/** What sealing and opening need: the store, the owner's keys, and randomness. */
export interface SealedStore {
  chunks: ChunkStore;
  secrets: OwnerSecrets;
  /** So many bytes from a cryptographic source; a nonce is taken from here for every object. */
  random: (bytes: number) => Buffer;
}

/** The body of a stored object: as it is, or one zstd frame. */
export interface Body {
  encoding: 'plain' | 'zstd';
  bytes: Buffer;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PREFIX_BYTES = 3;
const CIPHER = 'aes-256-gcm';

/** Bytes that a body of this length takes once sealed. */
export function sealedLength(kind: ObjectKind, bodyBytes: number): number {
  return Math.ceil((bodyBytes + SEAL_BYTES) / PADDING_STEP[kind]) * PADDING_STEP[kind];
}

export async function putSealed(store: SealedStore, kind: ObjectKind, name: Buffer, body: Body): Promise<void> {
  const object = objectName(store.secrets.owner, kind, name);
  await store.chunks.put(object, seal(store, kind, object, body));
}

/** Undefined where there is no such object; `BlobDamaged` where it is not what was sealed under this name. */
export async function getSealed(store: SealedStore, object: string): Promise<Body | undefined> {
  // One byte more than there can be, so that what was appended to a full object is noticed.
  const sealed = await store.chunks.get(object, OBJECT_BYTES + 1);
  if (!sealed) return undefined;
  const body = unseal(store.secrets, object, sealed);
  if (!body) throw new BlobDamaged(object, 'altered');
  return body;
}

function seal(store: SealedStore, kind: ObjectKind, object: string, { encoding, bytes }: Body): Buffer {
  const length = sealedLength(kind, bytes.length);
  if (length > OBJECT_BYTES) throw new RangeError('The body does not fit into one stored object.');
  const padding = length - SEAL_BYTES - bytes.length;
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix[0] = encoding === 'zstd' ? 1 : 0;
  prefix.writeUInt16BE(padding, 1);
  const nonce = store.random(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, store.secrets.sealKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(object));
  const parts = [cipher.update(prefix), cipher.update(bytes), cipher.update(Buffer.alloc(padding)), cipher.final()];
  return Buffer.concat([Buffer.of(VERSION), nonce, ...parts, cipher.getAuthTag()], length);
}

/** Undefined for whatever `seal` did not make with these keys under this name. */
function unseal(secrets: OwnerSecrets, object: string, sealed: Buffer): Body | undefined {
  if (sealed.length < SEAL_BYTES || sealed[0] !== VERSION) return undefined;
  const textStart = 1 + NONCE_BYTES;
  const textEnd = sealed.length - TAG_BYTES;
  const nonce = sealed.subarray(1, textStart);
  const decipher = createDecipheriv(CIPHER, secrets.sealKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(object));
  decipher.setAuthTag(sealed.subarray(textEnd));
  const text = decipher.update(sealed.subarray(textStart, textEnd));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  const padding = text.readUInt16BE(1);
  const encoding = text[0] === 1 ? 'zstd' : 'plain';
  if (text[0]! > 1 || padding > text.length - PREFIX_BYTES) return undefined;
  return { encoding, bytes: text.subarray(PREFIX_BYTES, text.length - padding) };
}

function additionalData(object: string): Buffer {
  // Names of another form would not be told apart by their place in the text.
  parseObjectName(object);
  return Buffer.from(`meridian-blob-v1 ${object}`, 'latin1');
}
