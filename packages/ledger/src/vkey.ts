import { concat, fromBase64, hasControlCharacter, toBase64, toUtf8 } from './bytes.ts';
import { ED25519_PUBLIC_KEY_BYTES } from './ed25519.ts';
import { LedgerError } from './error.ts';
import { sha256 } from './hasher.ts';
import { ML_DSA_44_PUBLIC_KEY_BYTES } from './ml-dsa-44.ts';

/** Signature type bytes this package knows (C2SP signed-note "Signature types", tlog-cosignature "Format"). */
export const SIGNATURE_TYPE = {
  /** Ed25519 over the text of the note. */
  ed25519: 0x01,
  /** Timestamped Ed25519 cosignature of a checkpoint, `cosignature/v1`. */
  cosignatureEd25519: 0x04,
  /** Timestamped ML-DSA-44 cosignature of a checkpoint, `subtree/v1`. */
  cosignatureMlDsa44: 0x06,
} as const;

export type SignatureType = (typeof SIGNATURE_TYPE)[keyof typeof SIGNATURE_TYPE];

const PUBLIC_KEY_BYTES: Readonly<Record<SignatureType, number>> = {
  1: ED25519_PUBLIC_KEY_BYTES,
  4: ED25519_PUBLIC_KEY_BYTES,
  6: ML_DSA_44_PUBLIC_KEY_BYTES,
};

/** A public key that checks signatures on notes. `keyId` is the short identifier in a signature line. */
export interface VerifierKey {
  readonly name: string;
  readonly keyId: number;
  readonly type: SignatureType;
  readonly publicKey: Uint8Array;
}

/** Longest name of a key or origin used here, in bytes: an ML-DSA-44 cosignature carries no longer one. */
export const MAX_NAME_BYTES = 255;

/** Whether `name` may name a key: not empty, no Unicode spaces, no plus, no control characters (signed-note "Format"). */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\p{White_Space}+]+$/u.test(name) && !hasControlCharacter(name);
}

/** Makes a verifier key and works out its id. Throws `bad-key`. */
export function verifierKey(name: string, type: SignatureType, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name) || toUtf8(name).length > MAX_NAME_BYTES)
    throw new LedgerError('bad-key', 'A key name is 1 to 255 bytes without spaces or plus signs.');
  if (publicKey.length !== PUBLIC_KEY_BYTES[type]) {
    throw new LedgerError('bad-key', `A public key of type ${type} has ${PUBLIC_KEY_BYTES[type]} bytes.`);
  }
  return { name, keyId: keyId(name, type, publicKey), type, publicKey: publicKey.slice() };
}

/** Key id: the first four bytes of SHA-256(name ‖ newline ‖ type ‖ public key), big-endian (signed-note "Signatures"). */
export function keyId(name: string, type: number, publicKey: Uint8Array): number {
  const digest = sha256(concat(toUtf8(name), new Uint8Array([0x0a, type]), publicKey));
  return new DataView(digest.buffer).getUint32(0);
}

/** A verifier key as text: `<name>+<key id in hex>+<base64(type ‖ public key)>` (signed-note "Verifier keys"). */
export function formatVerifierKey(key: VerifierKey): string {
  const material = toBase64(concat(new Uint8Array([key.type]), key.publicKey));
  return `${key.name}+${key.keyId.toString(16).padStart(8, '0')}+${material}`;
}

/**
 * Reads a verifier key. Throws `bad-key` where its type is not known here, or its id is not the one of its name, type
 * and key: a typing error must not turn into a key that never matches.
 */
export function parseVerifierKey(text: string): VerifierKey {
  const match = text.length <= 4096 ? /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) : null;
  if (match === null) throw new LedgerError('bad-key', 'A verifier key has the form <name>+<8 hex digits>+<base64>.');
  const material = readMaterial(match[3]!);
  const type = Object.values(SIGNATURE_TYPE).find((known) => known === material[0]);
  if (type === undefined) throw new LedgerError('bad-key', 'The verifier key is of a signature type not known here.');
  const key = verifierKey(match[1]!, type, material.subarray(1));
  if (key.keyId !== Number.parseInt(match[2]!, 16)) {
    throw new LedgerError('bad-key', 'The id in the verifier key does not belong to its name and key; copy it again.');
  }
  return key;
}

function readMaterial(base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch {
    throw new LedgerError('bad-key', 'The last part of the verifier key is not Base 64; copy it again.');
  }
}
