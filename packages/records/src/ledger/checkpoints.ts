import {
  type Checkpoint,
  type NoteVerifier,
  parseCheckpoint,
  parseNote,
  type SignedNote,
  verifyNote,
} from '@meridian/ledger';
import { type Database, prepared, run } from '../sql/run.ts';

/** `signed`: the newest checkpoint of the log; `witnessed`: the newest one that enough witnesses cosigned. */
export type CheckpointSlot = 'signed' | 'witnessed';

/** A stored checkpoint, read but not verified. */
export interface StoredCheckpoint {
  /** As it is served. */
  text: string;
  note: SignedNote;
  checkpoint: Checkpoint;
}

const READ = prepared('SELECT note FROM ledger_checkpoint WHERE slot = $1');
const WRITE = prepared(/* sql */ `
  INSERT INTO ledger_checkpoint (slot, note) VALUES ($1, $2)
  ON CONFLICT (slot) DO UPDATE SET note = excluded.note`);

/** Throws `LedgerError` where what is stored is no checkpoint. */
export async function readCheckpoint(database: Database, slot: CheckpointSlot): Promise<StoredCheckpoint | undefined> {
  const [row] = await run<{ note: string }>(database, READ, [slot]);
  if (!row) return undefined;
  const note = parseNote(row.note);
  return { text: row.note, note, checkpoint: parseCheckpoint(note.text) };
}

export async function writeCheckpoint(database: Database, slot: CheckpointSlot, note: string): Promise<void> {
  await run(database, WRITE, [slot, note]);
}

/** Whether every one of these keys signed the note. */
export function isSignedBy(note: SignedNote, verifiers: readonly NoteVerifier[]): boolean {
  try {
    return verifyNote(note, verifiers).size === verifiers.length;
  } catch {
    return false;
  }
}
