import { fromBase64, fromUtf8, parseDecimal, toBase64, toUtf8 } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { LedgerError } from './error.ts';
import { HASH_SIZE } from './hasher.ts';
import { formatNote, MAX_NOTE_BYTES, parseNote, type SignedNote } from './signed-note.ts';
import { verifyInclusion } from './verify-proof.ts';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^63 leaves is 63 levels high. */
export const MAX_PROOF_HASHES = 63;
/** Longest proof read, in bytes: a note, the hashes, and as much extra data again. */
export const MAX_TLOG_PROOF_BYTES = 2 * MAX_NOTE_BYTES;

/** A proof, to be checked with no network, that an entry is in a log (C2SP tlog-proof). */
export interface TlogProof {
  readonly index: number;
  /** Inclusion proof, from the sibling of the leaf upwards. */
  readonly hashes: readonly Uint8Array[];
  /** The checkpoint with its signatures. */
  readonly note: SignedNote;
  /** Opaque data of the application; nothing vouches for it. */
  readonly extra?: Uint8Array;
}

/** Writes a proof; files of it end in `.tlog-proof`. */
export function formatTlogProof({ index, hashes, note, extra }: TlogProof): string {
  const lines = [FIRST_LINE];
  if (extra !== undefined) lines.push(`extra ${toBase64(extra)}`);
  lines.push(`index ${index}`, ...hashes.map(toBase64), '', formatNote(note));
  return lines.join('\n');
}

/** Reads a proof strictly. Throws `bad-proof`. Says nothing yet about the entry or the signatures. */
export function parseTlogProof(proof: string | Uint8Array): TlogProof & { readonly checkpoint: Checkpoint } {
  if (proof.length > MAX_TLOG_PROOF_BYTES) {
    throw new LedgerError('bad-proof', `The proof is longer than ${MAX_TLOG_PROOF_BYTES} bytes.`);
  }
  try {
    return parse(typeof proof === 'string' ? fromUtf8(toUtf8(proof)) : fromUtf8(proof));
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code === 'bad-proof') throw error;
    throw new LedgerError('bad-proof', `The proof cannot be read. ${error.message}`);
  }
}

/**
 * Whether the proof shows the leaf in the tree of its checkpoint. The checkpoint itself must be judged beside it, by a
 * `PolicyEvaluator`.
 */
export function verifyTlogProof(proof: TlogProof, leafHash: Uint8Array): boolean {
  return verifyInclusion(proof.index, leafHash, parseCheckpoint(proof.note.text), proof.hashes);
}

function parse(text: string): TlogProof & { readonly checkpoint: Checkpoint } {
  const split = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(0, split)).split('\n');
  if (first !== FIRST_LINE) throw new LedgerError('bad-proof', `A proof begins with the line ${FIRST_LINE}.`);
  const extra = lines[0]?.startsWith('extra ') ? fromBase64(lines.shift()!.slice('extra '.length)) : undefined;
  const indexLine = lines.shift();
  if (!indexLine?.startsWith('index ')) throw new LedgerError('bad-proof', 'The proof has no index line.');
  if (lines.length > MAX_PROOF_HASHES) {
    throw new LedgerError('bad-proof', `A proof has at most ${MAX_PROOF_HASHES} hashes.`);
  }
  const hashes = lines.map(parseHashLine);
  const note = parseNote(text.slice(split + 2));
  const proof = { index: parseDecimal(indexLine.slice('index '.length)), hashes, note };
  const checkpoint = parseCheckpoint(note.text);
  return extra === undefined ? { ...proof, checkpoint } : { ...proof, checkpoint, extra };
}

/** A hash in Base 64, as proof lines have it. Throws `bad-proof`. */
export function parseHashLine(line: string): Uint8Array {
  const hash = line.length === 44 ? fromBase64(line) : new Uint8Array(0);
  if (hash.length !== HASH_SIZE)
    throw new LedgerError('bad-proof', `A line of the proof is not a hash of ${HASH_SIZE} bytes.`);
  return hash;
}
