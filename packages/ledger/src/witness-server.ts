import { equal, toHex, toUtf8 } from './bytes.ts';
import { LedgerError } from './error.ts';
import { sha256 } from './hasher.ts';
import { formatNote, formatSignatureLine, type NoteSigner, type NoteVerifier, signNote } from './signed-note.ts';
import type { TreeHead } from './verify-proof.ts';
import { addCheckpoint, parseAddCheckpoint, type ReadAddCheckpointRequest } from './witness.ts';

/** The newest checkpoint that a witness cosigned for a log. `note` is it with the log's and the witness's signatures. */
export interface WitnessRecord extends TreeHead {
  readonly note: string;
}

/** Where a witness keeps one record for each origin. */
export interface WitnessStore {
  latest(origin: string): Promise<WitnessRecord | undefined>;
  /**
   * Stores `next`, durably, if the record of the origin still has the size and root of `previous` (or is still absent);
   * answers whether it did. Check and write must be one step: between two, a later request could be rolled back and the
   * witness would have cosigned a fork.
   */
  replace(origin: string, previous: TreeHead | undefined, next: WitnessRecord): Promise<boolean>;
}

/** An answer to be sent over HTTP as it is. */
export interface WitnessAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface WitnessOptions {
  /** Cosigners of the witness; each signs every accepted checkpoint. */
  readonly cosigners: readonly NoteSigner[];
  /** The keys trusted for an origin; undefined for an origin the witness does not know. */
  readonly keys: (origin: string) => readonly NoteVerifier[] | undefined;
  readonly store: WitnessStore;
  /** Told of each request signed by a trusted log that contradicts what was cosigned before: keep it, it is evidence. */
  readonly onContradiction?: (origin: string, body: Uint8Array) => void;
}

// A log has one writer, so even a second try is rare.
const MAX_TRIES = 5;

/** A witness without its HTTP server (C2SP tlog-witness). */
export class Witness {
  readonly #options: WitnessOptions;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Answers `POST <submission prefix>/add-checkpoint` with this body. */
  async addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    let request: ReadAddCheckpointRequest;
    try {
      request = parseAddCheckpoint(body);
    } catch (error) {
      if (error instanceof LedgerError) return plain(400, `${error.message}\n`);
      throw error;
    }
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const answer = await this.#try(request, body);
      if (answer !== undefined) return answer;
    }
    return plain(503, 'Too many requests for this log at once; try again.\n');
  }

  /** Answers `GET <monitoring prefix>/<hex SHA-256 of the origin>/checkpoint`, for the origin that hash stands for. */
  async latestCheckpoint(originHash: string, origins: Iterable<string>): Promise<WitnessAnswer> {
    for (const origin of origins) {
      if (toHex(sha256(toUtf8(origin))) !== originHash) continue;
      const record = await this.#options.store.latest(origin);
      if (record !== undefined) return plain(200, record.note);
    }
    return plain(404, 'This witness has cosigned no checkpoint of that log.\n');
  }

  /** One round of deciding, signing and storing; undefined where another request came between. */
  async #try(request: ReadAddCheckpointRequest, body: Uint8Array): Promise<WitnessAnswer | undefined> {
    const { cosigners, keys, store, onContradiction } = this.#options;
    const { checkpoint, note } = request;
    const previous = await store.latest(checkpoint.origin);
    const decision = addCheckpoint(request, keys(checkpoint.origin), previous);
    if (decision.status === 409) return { status: 409, contentType: SIZE_CONTENT_TYPE, body: `${decision.size}\n` };
    if (decision.status !== 200) {
      if (decision.evidence) onContradiction?.(checkpoint.origin, body);
      return plain(decision.status, `${decision.sentence}\n`);
    }
    const { signatures } = await signNote(note.text, cosigners);
    const next: WitnessRecord = {
      size: checkpoint.size,
      root: checkpoint.root,
      note: formatNote({ text: note.text, signatures: [...decision.logSignatures, ...signatures] }),
    };
    // Stored before it is answered: a cosignature that a crash lets the witness forget could be contradicted.
    const stored = await store.replace(checkpoint.origin, previous, next);
    return stored ? plain(200, signatures.map(formatSignatureLine).join('')) : undefined;
  }
}

/** Content type of a 409 answer, whose body is the size the witness knows. */
export const SIZE_CONTENT_TYPE = 'text/x.tlog.size';

/** Witness records in memory: for tests. A real witness must not forget. */
export class MemoryWitnessStore implements WitnessStore {
  readonly #records = new Map<string, WitnessRecord>();

  async latest(origin: string): Promise<WitnessRecord | undefined> {
    return this.#records.get(origin);
  }

  async replace(origin: string, previous: TreeHead | undefined, next: WitnessRecord): Promise<boolean> {
    const current = this.#records.get(origin);
    const unchanged =
      current === undefined || previous === undefined
        ? current === previous
        : current.size === previous.size && equal(current.root, previous.root);
    if (!unchanged) return false;
    this.#records.set(origin, next);
    return true;
  }
}

function plain(status: number, body: string): WitnessAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
