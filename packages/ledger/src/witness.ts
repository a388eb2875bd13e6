import { equal, fromUtf8, parseDecimal, toBase64 } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { LedgerError } from './error.ts';
import {
  formatNote,
  MAX_NOTE_BYTES,
  type NoteSignature,
  type NoteVerifier,
  parseNote,
  type SignedNote,
  verifyNote,
} from './signed-note.ts';
import { MAX_PROOF_HASHES, parseHashLine } from './tlog-proof.ts';
import { emptyRoot } from './tree-hash.ts';
import { type TreeHead, verifyConsistency } from './verify-proof.ts';

/** An `add-checkpoint` request (C2SP tlog-witness). */
export interface AddCheckpointRequest {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly note: SignedNote;
}

/** A request as read, with what its note says. */
export interface ReadAddCheckpointRequest extends AddCheckpointRequest {
  readonly checkpoint: Checkpoint;
}

/** What a witness knows of one log, all from the newest checkpoint it cosigned. Undefined before the first. */
export type WitnessedHead = TreeHead | undefined;

/** What the witness is to do with a request. */
export type WitnessDecision =
  | { readonly status: 200; readonly checkpoint: Checkpoint; readonly logSignatures: readonly NoteSignature[] }
  /** The old size is not the witness's; `size` is. */
  | { readonly status: 409; readonly size: number }
  /**
   * Refused. `evidence` tells that a trusted key signed a checkpoint that contradicts what the witness has seen, which
   * is worth keeping: it may prove that the log forked.
   */
  | { readonly status: 400 | 403 | 404 | 422; readonly sentence: string; readonly evidence: boolean };

// The note, 63 hashes and the first line.
export const MAX_ADD_CHECKPOINT_BYTES = MAX_NOTE_BYTES + 45 * (MAX_PROOF_HASHES + 1);

/** Writes the body of a request. */
export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpointRequest): string {
  return `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${formatNote(note)}`;
}

/** Reads the body of a request strictly. Throws `bad-request`. */
export function parseAddCheckpoint(body: Uint8Array): ReadAddCheckpointRequest {
  if (body.length > MAX_ADD_CHECKPOINT_BYTES) {
    throw new LedgerError('bad-request', `The request is longer than ${MAX_ADD_CHECKPOINT_BYTES} bytes.`);
  }
  try {
    const text = fromUtf8(body);
    const split = text.indexOf('\n\n');
    const [old = '', ...lines] = text.slice(0, Math.max(0, split)).split('\n', MAX_PROOF_HASHES + 2);
    if (!old.startsWith('old ') || lines.length > MAX_PROOF_HASHES) {
      throw new LedgerError(
        'bad-request',
        `A request is an old size, at most ${MAX_PROOF_HASHES} hashes, a checkpoint.`,
      );
    }
    const note = parseNote(text.slice(split + 2));
    const oldSize = parseDecimal(old.slice('old '.length));
    return { oldSize, proof: lines.map(parseHashLine), note, checkpoint: parseCheckpoint(note.text) };
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code === 'bad-request') throw error;
    throw new LedgerError('bad-request', `The request cannot be read. ${error.message}`);
  }
}

/**
 * Decides a request from the keys the witness trusts for its origin (undefined where it does not know the origin) and
 * what it knows of the log, in the order of C2SP tlog-witness: 404 for an unknown origin, 403 where no trusted key
 * signed or the signature of one does not hold, 400 for an old size above the new, 409 for one that is not the newest
 * cosigned, 422 where the trees contradict each other. (A body that cannot be read is a 400 before this.)
 *
 * Pure: on 200 the caller must store the checkpoint before it lets a cosignature out.
 */
export function addCheckpoint(
  request: ReadAddCheckpointRequest,
  trustedKeys: readonly NoteVerifier[] | undefined,
  known: WitnessedHead,
): WitnessDecision {
  const { checkpoint } = request;
  if (trustedKeys === undefined) return refuse(404, 'This witness does not know the log; ask its operator to add it.');
  let logSignatures: readonly NoteSignature[];
  try {
    logSignatures = [...verifyNote(request.note, trustedKeys).values()];
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return refuse(403, error.message);
  }
  if (request.oldSize > checkpoint.size) return refuse(400, 'The old size is larger than the size of the checkpoint.');
  if (request.oldSize !== (known?.size ?? 0)) return { status: 409, size: known?.size ?? 0 };
  const problem = contradiction(request.proof, known, checkpoint);
  return problem === undefined
    ? { status: 200, checkpoint, logSignatures }
    : { status: 422, sentence: problem, evidence: true };
}

function contradiction(proof: readonly Uint8Array[], known: WitnessedHead, next: TreeHead): string | undefined {
  if (next.size === 0 && !equal(next.root, emptyRoot())) return 'A tree of size 0 has the root of the empty tree.';
  const older = known ?? { size: 0, root: emptyRoot() };
  if (verifyConsistency(older, next, proof)) return undefined;
  return older.size === next.size
    ? 'The root differs from the one this witness cosigned for the same size, or the proof is not empty.'
    : 'The proof does not show that the checkpoint continues the tree this witness cosigned.';
}

function refuse(status: 400 | 403 | 404, sentence: string): WitnessDecision {
  return { status, sentence, evidence: false };
}
