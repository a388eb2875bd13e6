import {
  formatCheckpoint,
  formatNote,
  type KeySigner,
  type LogEdge,
  noteVerifier,
  parseCheckpoint,
  readEdge,
  rootOfEdge,
  signNote,
} from '@meridian/ledger';
import type { PoolClient } from 'pg';
import { isSignedBy, readCheckpoint, type StoredCheckpoint, writeCheckpoint } from './checkpoints.ts';
import { PostgresLog } from './postgres-log.ts';
import { CannotLead, DAMAGED } from './sequencer-status.ts';

const WRONG_KEY =
  'The newest checkpoint of the ledger was not signed with the key in the key folder (log.key). Put back the key file ' +
  'that belongs to this database; if the checkpoint was altered, `meridian verify` says so.';

export interface OwnLogParts {
  origin: string;
  signers: readonly KeySigner[];
}

/**
 * The edge of the stored log and its newest checkpoint, once they are found to fit each other. A new log is given its first
 * checkpoint. Throws CannotLead.
 */
export async function soundEdge(
  client: PoolClient,
  parts: OwnLogParts,
): Promise<{ edge: LogEdge; signed: StoredCheckpoint }> {
  const edge = await orDamaged(readEdge(new PostgresLog(client)));
  const stored = await orDamaged(readCheckpoint(client, 'signed'));
  const verifiers = parts.signers.map(({ key }) => noteVerifier(key));
  if (stored && !isSignedBy(stored.note, verifiers)) throw new CannotLead('refused', WRONG_KEY);
  const signed = stored ?? (await signEmpty(client, edge, parts));
  const { size, root } = signed.checkpoint;
  if (size !== edge.size || !Buffer.from(root).equals(rootOfEdge(edge))) throw new CannotLead('refused', DAMAGED);
  return { edge, signed };
}

/** A new log has a checkpoint too: it is a prefix of any, and witnesses can be asked with it what they know. */
async function signEmpty(
  client: PoolClient,
  edge: LogEdge,
  { origin, signers }: OwnLogParts,
): Promise<StoredCheckpoint> {
  if (edge.size > 0) throw new CannotLead('refused', DAMAGED);
  const note = await signNote(formatCheckpoint({ origin, size: 0, root: rootOfEdge(edge) }), [...signers]);
  await writeCheckpoint(client, 'signed', formatNote(note));
  return { text: formatNote(note), note, checkpoint: parseCheckpoint(note.text) };
}

async function orDamaged<T>(reading: Promise<T>): Promise<T> {
  return reading.catch((error: unknown) => {
    if (error instanceof Error && error.name === 'LedgerError') throw new CannotLead('refused', DAMAGED);
    throw error;
  });
}
