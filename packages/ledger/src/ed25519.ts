import { ed25519 } from '@noble/curves/ed25519.js';
import { nodeCrypto } from './platform.ts';

/** Length of an Ed25519 public key, of its secret seed, and of a signature (RFC 8032 section 5.1). */
export const ED25519_PUBLIC_KEY_BYTES = 32;
export const ED25519_SEED_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

// DER of SubjectPublicKeyInfo and PKCS #8 up to the key itself (RFC 8410 sections 4 and 7).
const SPKI_PREFIX = '302a300506032b6570032100';
const PKCS8_PREFIX = '302e020100300506032b657004220420';

/** A function that checks an Ed25519 signature under `publicKey`; Node's own where there is one. */
export function ed25519Verifier(publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean {
  const crypto = nodeCrypto();
  if (crypto === undefined) {
    // The rules of RFC 8032, not the laxer ones of ZIP 215, so that a browser and Node refuse the same signatures.
    return (message, signature) => safely(() => ed25519.verify(signature, message, publicKey, { zip215: false }));
  }
  const der = Buffer.concat([Buffer.from(SPKI_PREFIX, 'hex'), publicKey]);
  const key = crypto.createPublicKey({ key: der, format: 'der', type: 'spki' });
  return (message, signature) => safely(() => crypto.verify(null, message, key, signature));
}

/** A function that signs with the key of a 32-byte seed. */
export function ed25519Signer(seed: Uint8Array): (message: Uint8Array) => Uint8Array {
  const crypto = nodeCrypto();
  if (crypto === undefined) return (message) => ed25519.sign(message, seed);
  const der = Buffer.concat([Buffer.from(PKCS8_PREFIX, 'hex'), seed]);
  const key = crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return (message) => new Uint8Array(crypto.sign(null, message, key));
}

/** Public key of a 32-byte seed. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

/** A malformed key or signature makes the libraries throw; to a verifier it is a signature that does not hold. */
function safely(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
