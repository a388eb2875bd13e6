import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { nodeCrypto } from './platform.ts';

/** Lengths of ML-DSA-44 keys and signatures (FIPS 204 section 4, table 2); the seed is the xi of algorithm 6. */
export const ML_DSA_44_PUBLIC_KEY_BYTES = 1312;
export const ML_DSA_44_SEED_BYTES = 32;
export const ML_DSA_44_SIGNATURE_BYTES = 2420;

// DER of SubjectPublicKeyInfo and of PKCS #8 in its seed-only form, up to the key itself (RFC 9881 sections 4 and 6).
const SPKI_PREFIX = '30820532300b06096086480165030403110382052100';
const PKCS8_PREFIX = '3034020100300b060960864801650304031104228020';

/** A function that checks an ML-DSA-44 signature (pure mode, empty context) under `publicKey`. */
export function mlDsa44Verifier(publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean {
  const native = nativeMlDsa();
  if (native === undefined) return (message, signature) => safely(() => ml_dsa44.verify(signature, message, publicKey));
  const der = Buffer.concat([Buffer.from(SPKI_PREFIX, 'hex'), publicKey]);
  const key = native.createPublicKey({ key: der, format: 'der', type: 'spki' });
  return (message, signature) => safely(() => native.verify(null, message, key, signature));
}

/** A function that signs with the key of a 32-byte seed. */
export function mlDsa44Signer(seed: Uint8Array): (message: Uint8Array) => Uint8Array {
  const native = nativeMlDsa();
  if (native === undefined) {
    const { secretKey } = ml_dsa44.keygen(seed);
    return (message) => ml_dsa44.sign(message, secretKey);
  }
  const der = Buffer.concat([Buffer.from(PKCS8_PREFIX, 'hex'), seed]);
  const key = native.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return (message) => new Uint8Array(native.sign(null, message, key));
}

/** Public key of a 32-byte seed. */
export function mlDsa44PublicKey(seed: Uint8Array): Uint8Array {
  return ml_dsa44.keygen(seed).publicKey;
}

/** Node's cryptography where it has ML-DSA (OpenSSL 3.5 and later). */
function nativeMlDsa(): ReturnType<typeof nodeCrypto> {
  const [major = 0, minor = 0] = (globalThis.process?.versions?.openssl ?? '').split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 5) ? nodeCrypto() : undefined;
}

function safely(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
