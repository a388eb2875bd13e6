import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { randomPooled } from './random.ts';

const FORMAT = 1;
const NONCE = 12;
const TAG = 16;
/** A sealed record or event whose bytes, place or key are not the ones it was sealed with. */
export class SealBroken extends Error {
  constructor() {
    super('A stored record does not open with its key: it was changed, moved or damaged after it was written.');
    this.name = 'SealBroken';
  }
}

/**
 * Seals with AES-256-GCM (NIST SP 800-38D): format ‖ nonce ‖ ciphertext ‖ tag.
 *
 * A bucket key seals the records of one patient, class and year: far below the 2^32 messages that random 96-bit nonces
 * allow (§8.3). `place` is authenticated with the content, so that a sealed body cannot stand in for another one.
 */
export function seal(key: KeyObject, plain: Buffer, place: Buffer): Buffer {
  const iv = randomPooled(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(place);
  const sealed = Buffer.allocUnsafe(1 + NONCE + plain.length + TAG);
  sealed[0] = FORMAT;
  iv.copy(sealed, 1);
  cipher.update(plain).copy(sealed, 1 + NONCE);
  cipher.final();
  cipher.getAuthTag().copy(sealed, sealed.length - TAG);
  return sealed;
}

/** Opens what `seal` made. @throws SealBroken */
export function open(key: KeyObject, sealed: Buffer, place: Buffer): Buffer {
  if (sealed.length < 1 + NONCE + TAG || sealed[0] !== FORMAT) throw new SealBroken();
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE));
  decipher.setAAD(place);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  const plain = decipher.update(sealed.subarray(1 + NONCE, sealed.length - TAG));
  try {
    decipher.final();
  } catch {
    throw new SealBroken();
  }
  return plain;
}

/** Where a record version stands: type, id (as rid), version, bucket and patient, 26 bytes. */
export function recordPlace(type: number, rid: bigint, version: number, bucket: number, patient: bigint): Buffer {
  const place = Buffer.allocUnsafe(26);
  place.writeBigInt64BE(patient, 0);
  place.writeBigInt64BE(rid, 8);
  place.writeInt32BE(version, 16);
  place.writeInt32BE(bucket, 20);
  place.writeInt16BE(type, 24);
  return place;
}

/** Where an event stands: its random number, kind, bucket and patient. */
export function eventPlace(event: bigint, kind: number, bucket: number, patient: bigint): Buffer {
  const place = Buffer.allocUnsafe(22);
  place.writeBigInt64BE(patient, 0);
  place.writeBigInt64BE(event, 8);
  place.writeInt32BE(bucket, 16);
  place.writeInt16BE(kind, 20);
  return place;
}
