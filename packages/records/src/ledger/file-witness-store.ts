import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  LedgerError,
  parseCheckpoint,
  parseNote,
  type TreeHead,
  type WitnessRecord,
  type WitnessStore,
} from '@meridian/ledger';
import { writeFileDurably } from '../keys/durable-file.ts';

/**
 * What a witness cosigned, one file for each log in a folder: the note itself. For one process at a time: between reading
 * and writing a file nothing else of this process runs, but another process could.
 */
export class FileWitnessStore implements WitnessStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async latest(origin: string): Promise<WitnessRecord | undefined> {
    return this.#read(origin);
  }

  async replace(origin: string, previous: TreeHead | undefined, next: WitnessRecord): Promise<boolean> {
    const current = this.#read(origin);
    const unchanged =
      current === undefined || previous === undefined
        ? current === previous
        : current.size === previous.size && Buffer.from(current.root).equals(previous.root);
    if (unchanged) writeFileDurably(this.#path(origin), Buffer.from(next.note));
    return unchanged;
  }

  /** A record that cannot be read must not be taken for none: the witness would cosign a fork. */
  #read(origin: string): WitnessRecord | undefined {
    let note: string;
    try {
      note = readFileSync(this.#path(origin), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
    const checkpoint = parseCheckpoint(parseNote(note).text);
    if (checkpoint.origin !== origin) {
      throw new LedgerError('bad-checkpoint', 'A file of the witness holds the checkpoint of another log.');
    }
    return { size: checkpoint.size, root: checkpoint.root, note };
  }

  #path(origin: string): string {
    return join(this.#folder, `${hash('sha256', origin)}.checkpoint`);
  }
}
