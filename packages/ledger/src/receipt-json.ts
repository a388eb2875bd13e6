import { fromBase64, fromUtf8, parseDecimal, toBase64, toUtf8 } from './bytes.ts';
import { LedgerError } from './error.ts';
import { HASH_SIZE } from './hasher.ts';
import { LEAF_SUITE_SHA256, type Opening, SALT_BYTES } from './leaf.ts';
import type { Anchor, Receipt } from './receipt.ts';
import { formatTlogProof, MAX_PROOF_HASHES, parseTlogProof } from './tlog-proof.ts';

/** Longest receipt read, in bytes. */
export const MAX_RECEIPT_BYTES = 8 << 20;
/** Most anchors in a receipt. */
export const MAX_RECEIPT_ANCHORS = 64;

/**
 * A receipt as JSON, two spaces deep, always in the same order:
 *
 * ```json
 * {
 *   "format": "meridian-receipt/v1",
 *   "opening": { "suite": 1, "kind": 1, "salt": "…", "event": "…", "sequence": "7", "previous": "…" },
 *   "proof": "c2sp.org/tlog-proof@v1\nindex 73894\n…",
 *   "anchors": [{ "chainId": "1337", "contract": "0x…", "blockNumber": "12", "transactionHash": "0x…",
 *                 "size": "109482", "root": "…", "consistency": ["…"] }]
 * }
 * ```
 *
 * Bytes are Base 64, 64-bit numbers are decimal strings, `previous` is null for the first event of a subject.
 */
export function formatReceipt({ proof, opening, anchors }: Receipt): string {
  const receipt = {
    format: RECEIPT_FORMAT,
    opening: {
      suite: opening.suite,
      kind: opening.kind,
      salt: toBase64(opening.salt),
      event: toBase64(opening.event),
      sequence: String(opening.sequence),
      previous: opening.previous === undefined ? null : toBase64(opening.previous),
    },
    proof: formatTlogProof(proof),
    anchors: anchors.map((anchor) => ({
      chainId: String(anchor.chainId),
      contract: anchor.contract,
      blockNumber: String(anchor.blockNumber),
      transactionHash: anchor.transactionHash,
      size: String(anchor.size),
      root: toBase64(anchor.root),
      consistency: anchor.consistency.map(toBase64),
    })),
  };
  return `${JSON.stringify(receipt, undefined, 2)}\n`;
}

/**
 * Reads a receipt strictly: a field too many, too few or of another form throws `bad-receipt`. Says nothing yet about
 * whether it holds: that is `verifyReceipt`.
 */
export function parseReceipt(json: string | Uint8Array): Receipt {
  if (json.length > MAX_RECEIPT_BYTES) fail(`is longer than ${MAX_RECEIPT_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(typeof json === 'string' ? fromUtf8(toUtf8(json)) : fromUtf8(json));
  } catch {
    fail('is not JSON; open the file that was saved, not a copy of its text');
  }
  const receipt = readObject(value, 'receipt', ['format', 'opening', 'proof', 'anchors']);
  if (receipt.format !== RECEIPT_FORMAT) fail('is of a format not known here; use a newer release');
  return {
    opening: readOpening(receipt.opening),
    proof: reading('proof', () => parseTlogProof(readString(receipt.proof, 'proof'))),
    anchors: readArray(receipt.anchors, 'anchors', MAX_RECEIPT_ANCHORS).map(readAnchor),
  };
}

const RECEIPT_FORMAT = 'meridian-receipt/v1';

function readOpening(value: unknown): Opening {
  const opening = readObject(value, 'opening', ['suite', 'kind', 'salt', 'event', 'sequence', 'previous']);
  const { suite, kind } = opening;
  if (suite !== LEAF_SUITE_SHA256) fail('uses a suite not known here; use a newer release');
  if (typeof kind !== 'number' || !Number.isInteger(kind) || kind < 1 || kind > 255) fail('has no kind from 1 to 255');
  return {
    suite,
    kind,
    salt: readBytes(opening.salt, 'salt', SALT_BYTES),
    event: readBytes(opening.event, 'event'),
    sequence: readCount(opening.sequence, 'sequence'),
    previous: opening.previous === null ? undefined : readBytes(opening.previous, 'previous', HASH_SIZE),
  };
}

function readAnchor(value: unknown): Anchor {
  const names = ['chainId', 'contract', 'blockNumber', 'transactionHash', 'size', 'root', 'consistency'] as const;
  const anchor = readObject(value, 'anchor', names);
  return {
    chainId: readCount(anchor.chainId, 'chainId'),
    contract: readHexadecimal(anchor.contract, 'contract', 20),
    blockNumber: readCount(anchor.blockNumber, 'blockNumber'),
    transactionHash: readHexadecimal(anchor.transactionHash, 'transactionHash', 32),
    size: readCount(anchor.size, 'size'),
    root: readBytes(anchor.root, 'root', HASH_SIZE),
    consistency: readArray(anchor.consistency, 'consistency', MAX_PROOF_HASHES).map((hash) =>
      readBytes(hash, 'consistency', HASH_SIZE),
    ),
  };
}

function readObject<K extends string>(value: unknown, what: string, names: readonly K[]): Record<K, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(`has no ${what}`);
  const given = Object.keys(value);
  if (given.length !== names.length || !names.every((name) => Object.hasOwn(value, name))) {
    fail(`needs in its ${what} just these fields: ${names.join(', ')}`);
  }
  return value as Record<K, unknown>;
}

function readArray(value: unknown, what: string, limit: number): unknown[] {
  if (!Array.isArray(value) || value.length > limit) fail(`needs a list of at most ${limit} in ${what}`);
  return value;
}

function readString(value: unknown, what: string): string {
  return typeof value === 'string' ? value : fail(`needs text in ${what}`);
}

function readBytes(value: unknown, what: string, length?: number): Uint8Array {
  const bytes = reading(what, () => fromBase64(readString(value, what)));
  if (length !== undefined && bytes.length !== length) fail(`needs ${length} bytes in ${what}`);
  return bytes;
}

function readCount(value: unknown, what: string): number {
  return reading(what, () => parseDecimal(readString(value, what)));
}

function readHexadecimal(value: unknown, what: string, bytes: number): string {
  const text = readString(value, what);
  if (text.length !== 2 + 2 * bytes || !/^0x[0-9a-f]+$/.test(text))
    fail(`needs 0x and ${2 * bytes} hex digits in ${what}`);
  return text;
}

function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code === 'bad-receipt') throw error;
    return fail(`cannot be read in ${what}: ${error.message.replace(/\.$/, '')}`);
  }
}

function fail(what: string): never {
  throw new LedgerError('bad-receipt', `The receipt ${what}.`);
}
