import { createCipheriv, createDecipheriv } from 'node:crypto';
import { randomPooled } from './sealing/random.ts';
import type { KeyedHash } from './tokens/keyed-hash.ts';

/** Patient number of what belongs to no patient. */
export const NOBODY = 0n;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Names of resources inside the store.
 *
 * `rid` is the keyed 64-bit token of `Type/id`: what people chose as an id never reaches the disk. A collision within
 * one patient (2^-64 for each pair) is refused when the second one is written, so it can never show a wrong record; the
 * real id is in the sealed body. The patient's number is the rid of the Patient resource.
 *
 * A server-assigned id is one AES block that hides the patient's number and 64 random bits, written like a UUID: a read
 * by id finds the patient, and so the shard, without a directory. Without the key it says nothing. Ids that clients
 * chose are found through `locator`.
 */
export class Ids {
  readonly #hash: KeyedHash;
  readonly #encrypt: (block: Buffer) => Buffer;
  readonly #decrypt: (block: Buffer) => Buffer;

  /** @param idKey 32 random bytes of the installation */
  constructor(hash: KeyedHash, idKey: Buffer) {
    this.#hash = hash;
    // ECB is right here: each id is a single block, random by construction, and used as a name, not to hide a message
    const cipher = createCipheriv('aes-256-ecb', idKey, null).setAutoPadding(false);
    const decipher = createDecipheriv('aes-256-ecb', idKey, null).setAutoPadding(false);
    this.#encrypt = (block) => cipher.update(block);
    this.#decrypt = (block) => decipher.update(block);
  }

  rid(type: string, id: string): bigint {
    return this.#hash.token(`${type}/${id}`);
  }

  /** The number of the patient with this logical id; `NOBODY` for undefined. */
  patient(patientId: string | undefined): bigint {
    return patientId === undefined ? NOBODY : this.#hash.token(`Patient/${patientId}`);
  }

  /** A new id for a resource of this patient. */
  assign(patient: bigint): string {
    const block = randomPooled(16);
    block.writeBigInt64BE(patient, 0);
    const hex = this.#encrypt(block).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /**
   * Whose record an id of this type would be in if the server had assigned it: a hint, to be overruled by the locator.
   * `NOBODY` where the id cannot be ours.
   */
  hint(type: string, id: string): bigint {
    if (type === 'Patient') return this.rid(type, id);
    if (!UUID.test(id)) return NOBODY;
    return this.#decrypt(Buffer.from(id.replaceAll('-', ''), 'hex')).readBigInt64BE(0);
  }
}
