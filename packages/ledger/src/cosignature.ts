import { concat, readUint64, toUtf8, uint64 } from './bytes.ts';
import { LedgerError } from './error.ts';
import type { TreeHead } from './verify-proof.ts';
import { MAX_NAME_BYTES } from './vkey.ts';

// The label of 12 bytes: "subtree/v1", a newline, a zero byte.
const SUBTREE_LABEL = toUtf8('subtree/v1\n\0');

/** A part of a tree: leaves `start` up to, not including, `end`, and the hash of them. */
export interface CosignedSubtree {
  readonly start: number;
  readonly end: number;
  readonly hash: Uint8Array;
}

/**
 * The message of an Ed25519 cosignature (C2SP tlog-cosignature "Ed25519 signed message"): a header line, the time in
 * POSIX seconds, and the whole text of the checkpoint.
 */
export function ed25519CosignedMessage(timestamp: number, checkpointText: string): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${timestamp}\n${checkpointText}`);
}

/**
 * The message of an ML-DSA-44 cosignature (tlog-cosignature "ML-DSA-44 signed message"): label, cosigner name with its
 * length in one byte, time, log origin with its length in one byte, start, end, hash; all numbers 64 bits, big-endian.
 * Throws `out-of-range` where the specification allows no such statement.
 */
export function mlDsa44CosignedMessage(
  cosigner: string,
  timestamp: number,
  origin: string,
  { start, end, hash }: CosignedSubtree,
): Uint8Array {
  if (start !== 0 && timestamp !== 0) {
    throw new LedgerError(
      'out-of-range',
      'A cosignature of a part of the tree that is not its beginning bears no time.',
    );
  }
  return concat(
    SUBTREE_LABEL,
    lengthPrefixed(cosigner),
    uint64(timestamp),
    lengthPrefixed(origin),
    uint64(start),
    uint64(end),
    hash,
  );
}

/** A tree head as the subtree that an ML-DSA-44 cosignature of a checkpoint is about. */
export function wholeTree({ size, root }: TreeHead): CosignedSubtree {
  return { start: 0, end: size, hash: root };
}

/** The `timestamped_signature` structure: the time in eight big-endian bytes, then the signature. */
export function formatTimestampedSignature(timestamp: number, signature: Uint8Array): Uint8Array {
  return concat(uint64(timestamp), signature);
}

/** Time in POSIX seconds and signature of a `timestamped_signature`; undefined where it cannot be one. */
export function parseTimestampedSignature(
  blob: Uint8Array,
  signatureBytes: number,
): { timestamp: number; signature: Uint8Array } | undefined {
  if (blob.length !== 8 + signatureBytes) return undefined;
  const timestamp = readUint64(blob, 0);
  return timestamp === undefined ? undefined : { timestamp, signature: blob.subarray(8) };
}

function lengthPrefixed(text: string): Uint8Array {
  const bytes = toUtf8(text);
  if (bytes.length === 0 || bytes.length > MAX_NAME_BYTES) {
    throw new LedgerError('out-of-range', `Names in a cosignature have 1 to ${MAX_NAME_BYTES} bytes.`);
  }
  return concat(new Uint8Array([bytes.length]), bytes);
}
