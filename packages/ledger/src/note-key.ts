import { toUtf8 } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import {
  ed25519CosignedMessage,
  formatTimestampedSignature,
  mlDsa44CosignedMessage,
  parseTimestampedSignature,
  wholeTree,
} from './cosignature.ts';
import {
  ED25519_SEED_BYTES,
  ED25519_SIGNATURE_BYTES,
  ed25519PublicKey,
  ed25519Signer,
  ed25519Verifier,
} from './ed25519.ts';
import { LedgerError } from './error.ts';
import { ML_DSA_44_SIGNATURE_BYTES, mlDsa44PublicKey, mlDsa44Signer, mlDsa44Verifier } from './ml-dsa-44.ts';
import type { NoteSigner, NoteVerifier } from './signed-note.ts';
import { SIGNATURE_TYPE, type SignatureType, type VerifierKey, verifierKey } from './vkey.ts';

/** A verifier of notes made from a public key. */
export interface KeyVerifier extends NoteVerifier {
  readonly key: VerifierKey;
}

/** A signer of notes whose public key is known. */
export interface KeySigner extends NoteSigner {
  readonly key: VerifierKey;
}

/** POSIX time in whole seconds; passed in so that signing is repeatable in tests. */
export type Clock = () => number;

/** Checks notes, or cosignatures of checkpoints, with `key`, as its type asks. */
export function noteVerifier(key: VerifierKey): KeyVerifier {
  const { name, keyId } = key;
  switch (key.type) {
    case SIGNATURE_TYPE.ed25519: {
      const verify = ed25519Verifier(key.publicKey);
      return { key, name, keyId, verify: (text, signature) => verify(toUtf8(text), signature) };
    }
    case SIGNATURE_TYPE.cosignatureEd25519: {
      const verify = ed25519Verifier(key.publicKey);
      return cosignatureVerifier(key, ED25519_SIGNATURE_BYTES, (text, _checkpoint, timestamp, signature) =>
        verify(ed25519CosignedMessage(timestamp, text), signature),
      );
    }
    case SIGNATURE_TYPE.cosignatureMlDsa44: {
      const verify = mlDsa44Verifier(key.publicKey);
      return cosignatureVerifier(key, ML_DSA_44_SIGNATURE_BYTES, (_text, checkpoint, timestamp, signature) =>
        verify(mlDsa44CosignedMessage(name, timestamp, checkpoint.origin, wholeTree(checkpoint)), signature),
      );
    }
  }
}

/** Signs notes (type Ed25519) with the key of a 32-byte seed. Throws `bad-key`. */
export function ed25519NoteSigner(name: string, seed: Uint8Array): KeySigner {
  const key = keyOfSeed(name, SIGNATURE_TYPE.ed25519, seed, ed25519PublicKey);
  const sign = ed25519Signer(seed);
  return { key, name, keyId: key.keyId, sign: async (text) => sign(toUtf8(text)) };
}

/** Cosigns checkpoints with Ed25519 (`cosignature/v1`). One seed must not serve two cosigners: the name is not signed. */
export function ed25519Cosigner(name: string, seed: Uint8Array, now: Clock): KeySigner {
  const key = keyOfSeed(name, SIGNATURE_TYPE.cosignatureEd25519, seed, ed25519PublicKey);
  const sign = ed25519Signer(seed);
  return cosigner(key, now, (text, _checkpoint, timestamp) => sign(ed25519CosignedMessage(timestamp, text)));
}

/**
 * Cosigns checkpoints with ML-DSA-44 (`subtree/v1`), as a witness or as the log itself, which tlog-checkpoint
 * recommends. Takes the 32-byte seed of FIPS 204.
 */
export function mlDsa44Cosigner(name: string, seed: Uint8Array, now: Clock): KeySigner {
  const key = keyOfSeed(name, SIGNATURE_TYPE.cosignatureMlDsa44, seed, mlDsa44PublicKey);
  const sign = mlDsa44Signer(seed);
  return cosigner(key, now, (_text, checkpoint, timestamp) =>
    sign(mlDsa44CosignedMessage(name, timestamp, checkpoint.origin, wholeTree(checkpoint))),
  );
}

/** Time of a signature that a key of this type made, in POSIX seconds; undefined for types that bear none. */
export function signatureTime(key: VerifierKey, signature: Uint8Array): number | undefined {
  if (key.type === SIGNATURE_TYPE.ed25519) return undefined;
  return parseTimestampedSignature(signature, signature.length - 8)?.timestamp;
}

function keyOfSeed(
  name: string,
  type: SignatureType,
  seed: Uint8Array,
  publicKeyOf: (seed: Uint8Array) => Uint8Array,
): VerifierKey {
  if (seed.length !== ED25519_SEED_BYTES) throw new LedgerError('bad-key', 'The seed of a signing key has 32 bytes.');
  return verifierKey(name, type, publicKeyOf(seed));
}

function cosigner(
  key: VerifierKey,
  now: Clock,
  sign: (text: string, checkpoint: Checkpoint, timestamp: number) => Uint8Array,
): KeySigner {
  return {
    key,
    name: key.name,
    keyId: key.keyId,
    async sign(text) {
      const timestamp = now();
      // Zero means "not the largest tree seen", which no witness may answer (tlog-witness "add-checkpoint").
      if (!Number.isSafeInteger(timestamp) || timestamp <= 0) {
        throw new LedgerError('out-of-range', 'The clock gives no positive number of seconds; correct it.');
      }
      return formatTimestampedSignature(timestamp, sign(text, parseCheckpoint(text), timestamp));
    },
  };
}

function cosignatureVerifier(
  key: VerifierKey,
  signatureBytes: number,
  verify: (text: string, checkpoint: Checkpoint, timestamp: number, signature: Uint8Array) => boolean,
): KeyVerifier {
  return {
    key,
    name: key.name,
    keyId: key.keyId,
    verify(text, blob) {
      const parsed = parseTimestampedSignature(blob, signatureBytes);
      if (parsed === undefined) return false;
      try {
        return verify(text, parseCheckpoint(text), parsed.timestamp, parsed.signature);
      } catch (error) {
        // A note that is no checkpoint cannot have been cosigned.
        if (error instanceof LedgerError) return false;
        throw error;
      }
    },
  };
}
