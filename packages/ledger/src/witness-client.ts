import { fromUtf8, parseDecimal } from './bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { LedgerError } from './error.ts';
import { type Fetch, readBounded } from './log-source.ts';
import type { KeyVerifier } from './note-key.ts';
import { type NoteSignature, parseSignatureLines, type SignedNote, verifyNote } from './signed-note.ts';
import { formatAddCheckpoint } from './witness.ts';
import { SIZE_CONTENT_TYPE } from './witness-server.ts';

export interface CosignRequest {
  readonly fetch: Fetch;
  /** Submission prefix of the witness, without a slash at its end. */
  readonly url: string;
  /** The cosigning keys of the witness that count; others are ignored. */
  readonly verifiers: readonly KeyVerifier[];
  /** The checkpoint, signed by the log. */
  readonly note: SignedNote;
  /** Size of the tree the witness is thought to know; 0 where that is not known. */
  readonly oldSize: number;
  /** Consistency proof from a size to that of the checkpoint. */
  readonly proveConsistency: (oldSize: number) => Promise<readonly Uint8Array[]>;
  /** Gives up when aborted, as by `AbortSignal.timeout(10_000)`. */
  readonly signal?: AbortSignal;
}

/** What came of asking a witness. */
export type CosignResult =
  /** Signatures that hold, to be added to the checkpoint. */
  | { readonly outcome: 'cosigned'; readonly signatures: readonly NoteSignature[] }
  /**
   * The witness says it cosigned a larger tree than this checkpoint's. Where this is our newest, our storage was set
   * back (or the witness lies: ask it for its checkpoint, which our own key must have signed): stop signing.
   */
  | { readonly outcome: 'ahead'; readonly size: number }
  /** The witness has seen a tree that ours does not continue: one of the two forked. Stop signing. */
  | { readonly outcome: 'contradicted' }
  /** The witness does not know the log (404) or its key (403): its operator must add them. */
  | { readonly outcome: 'unknown-log' | 'unknown-key' }
  /** Anything else; try again later. */
  | { readonly outcome: 'failed'; readonly status: number };

// Sixteen ML-DSA-44 cosignature lines, with room to spare.
const MAX_ANSWER_BYTES = 1 << 17;

/**
 * Asks a witness to cosign a checkpoint (C2SP tlog-witness "add-checkpoint"). Where the witness is at another size than
 * thought, asks once more from there. Throws `bad-witness-answer` for an answer outside the protocol, and whatever
 * `fetch` throws.
 */
export async function requestCosignatures(request: CosignRequest): Promise<CosignResult> {
  const { size } = parseCheckpoint(request.note.text);
  const first = await post(request, request.oldSize);
  if (first.status !== 409 || first.size === undefined) return interpret(request, first);
  if (first.size > size) return { outcome: 'ahead', size: first.size };
  // A second 409 means that someone else submits for this log just now: leave it to the next round.
  return interpret(request, await post(request, first.size));
}

interface Answer {
  readonly status: number;
  readonly body: string;
  /** The size in a 409 answer. */
  readonly size: number | undefined;
}

async function post(request: CosignRequest, oldSize: number): Promise<Answer> {
  const proof = await request.proveConsistency(oldSize);
  const response = await request.fetch(`${request.url}/add-checkpoint`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: formatAddCheckpoint({ oldSize, proof, note: request.note }),
    redirect: 'error',
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const bytes = await readBounded(response, MAX_ANSWER_BYTES);
  const { status } = response;
  if (status !== 200 && status !== 409) return { status, body: '', size: undefined };
  try {
    const body = fromUtf8(bytes);
    const isSize = status === 409 && response.headers.get('content-type') === SIZE_CONTENT_TYPE;
    return { status, body, size: isSize ? parseDecimal(body.replace(/\n$/, '')) : undefined };
  } catch {
    throw new LedgerError('bad-witness-answer', 'The witness answered with something that cannot be read.');
  }
}

function interpret(request: CosignRequest, { status, body, size }: Answer): CosignResult {
  switch (status) {
    case 200:
      return { outcome: 'cosigned', signatures: checkedSignatures(request, body) };
    case 403:
      return { outcome: 'unknown-key' };
    case 404:
      return { outcome: 'unknown-log' };
    case 422:
      return { outcome: 'contradicted' };
    case 409:
      // Without a size it is how tlog-witness v1.0.0 answered another root for the same size; since then it is 422.
      return size === undefined ? { outcome: 'contradicted' } : { outcome: 'failed', status };
    default:
      return { outcome: 'failed', status };
  }
}

function checkedSignatures({ note, verifiers }: CosignRequest, body: string): NoteSignature[] {
  try {
    const verified = verifyNote({ text: note.text, signatures: parseSignatureLines(body) }, verifiers);
    return [...verified.values()];
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new LedgerError('bad-witness-answer', `The cosignature cannot be used. ${error.message}`);
  }
}
