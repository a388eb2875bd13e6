import { fromBase64, parseDecimal, toBase64 } from './bytes.ts';
import { LedgerError } from './error.ts';
import { HASH_SIZE } from './hasher.ts';
import type { TreeHead } from './verify-proof.ts';
import { MAX_NAME_BYTES } from './vkey.ts';

/** What a checkpoint says: which log, how many leaves, which root (C2SP tlog-checkpoint). */
export interface Checkpoint extends TreeHead {
  readonly origin: string;
  /** Lines after the third. Not checked by witnesses, and not covered by an ML-DSA-44 cosignature. */
  readonly extensions: readonly string[];
}

/** The text of the note of a checkpoint. Throws `bad-checkpoint` where it could not be read back. */
export function formatCheckpoint(checkpoint: TreeHead & { origin: string; extensions?: readonly string[] }): string {
  const { origin, size, root, extensions = [] } = checkpoint;
  const text = `${[origin, size, toBase64(root), ...extensions].join('\n')}\n`;
  const read = parseCheckpoint(text);
  if (read.origin !== origin || read.extensions.length !== extensions.length) {
    throw new LedgerError('bad-checkpoint', 'The origin and the extensions of a checkpoint are one line each.');
  }
  return text;
}

/** Reads the text of a note as a checkpoint. Throws `bad-checkpoint`. Check the signatures of the note as well. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length < 3 || lines.includes('')) {
    throw new LedgerError('bad-checkpoint', 'A checkpoint is at least three lines that are not empty.');
  }
  const [origin, size, root, ...extensions] = lines as [string, string, string, ...string[]];
  if (new TextEncoder().encode(origin).length > MAX_NAME_BYTES) {
    throw new LedgerError('bad-checkpoint', `The origin of a checkpoint has at most ${MAX_NAME_BYTES} bytes.`);
  }
  let head: TreeHead;
  try {
    head = { size: parseDecimal(size), root: fromBase64(root) };
  } catch {
    throw new LedgerError('bad-checkpoint', 'The size or the root hash of the checkpoint cannot be read.');
  }
  if (head.root.length !== HASH_SIZE) {
    throw new LedgerError('bad-checkpoint', `The root hash of a checkpoint has ${HASH_SIZE} bytes.`);
  }
  return { origin, ...head, extensions };
}
