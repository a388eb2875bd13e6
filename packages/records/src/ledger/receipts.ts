import {
  type Anchor,
  formatReceipt,
  formatTlogProof,
  LedgerError,
  type Opening,
  type Receipt,
  type ReceiptState,
  storageSource,
  TileReader,
  type TlogProof,
} from '@meridian/ledger';
import type { Pool } from 'pg';
import type { Ids } from '../ids.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { prepared, run } from '../sql/run.ts';
import { anchorOf } from './anchors.ts';
import { readCheckpoint, type StoredCheckpoint } from './checkpoints.ts';
import type { StoredEvent } from './event-opening.ts';
import { openEvents } from './open-events.ts';
import { PostgresLog } from './postgres-log.ts';
import { type ReadEvent, readEvent } from './read-event.ts';

/**
 * Decides whether the asking party may see an event. `event` is undefined where it could not be opened; `patient` is the
 * number of the patient in whose chain it stands, 0 for nobody's.
 */
export type MayOpen = (event: ReadEvent | undefined, patient: bigint) => boolean | Promise<boolean>;

/** A receipt of an event in the log, or, for whoever may not see the event, only the proof that its leaf is in the log. */
export type ReceiptAnswer = { state: ReceiptState } & (
  | {
      receipt: string;
    }
  | { proof: string }
);

interface LoggedRow extends StoredEvent {
  sequence: bigint;
  leaf: bigint;
  before: bigint | null;
}

const COLUMNS = `e.event, e.patient, e.rid, e.version, e.bucket, e.kind, e.sealed, e.sequence, e.leaf,
  (SELECT p.leaf FROM ledger_event p WHERE p.patient = e.patient AND p.sequence = e.sequence - 1) AS before`;

const BY_NUMBER = prepared(`SELECT ${COLUMNS} FROM ledger_event e WHERE e.event = $1 LIMIT 1`);
const BY_VERSION = prepared(
  `SELECT ${COLUMNS} FROM ledger_event e WHERE e.rid = $1 AND e.version = $2 ORDER BY e.leaf LIMIT 1`,
);
const CHAIN = prepared(
  `SELECT ${COLUMNS} FROM ledger_event e WHERE e.patient = $1 AND e.sequence >= $2 ORDER BY e.sequence LIMIT $3`,
);

/** Receipts in one page of a chain. */
export const CHAIN_PAGE = 100;

export interface ReceiptParts {
  pool: Pool;
  keys: KeyRing;
  ids: Ids;
}

/** Makes receipts from the stored log. Undefined where there is no such event in the log, or not yet. */
export class Receipts {
  readonly #parts: ReceiptParts;
  /** The reader of the newest head: it keeps the tiles it has checked. */
  #reader: { text: string; reader: Promise<TileReader> } | undefined;

  constructor(parts: ReceiptParts) {
    this.#parts = parts;
  }

  /** @param number 16 hexadecimal digits, as writes answer it */
  async ofEvent(number: string, mayOpen: MayOpen): Promise<ReceiptAnswer | undefined> {
    const [row] = await run<LoggedRow>(this.#parts.pool, BY_NUMBER, [BigInt.asIntN(64, BigInt(`0x${number}`))]);
    return row && this.#answer(row, mayOpen);
  }

  async ofVersion(type: string, id: string, version: number, mayOpen: MayOpen): Promise<ReceiptAnswer | undefined> {
    const [row] = await run<LoggedRow>(this.#parts.pool, BY_VERSION, [this.#parts.ids.rid(type, id), version]);
    return row && this.#answer(row, mayOpen);
  }

  /** The receipts of a patient's events from number `from` on, at most `CHAIN_PAGE`; only those that may be opened. */
  async ofPatient(patientId: string, from: number, mayOpen: MayOpen): Promise<string[]> {
    const { pool, ids } = this.#parts;
    const rows = await run<LoggedRow>(pool, CHAIN, [ids.patient(patientId), from, CHAIN_PAGE]);
    const answers = await Promise.all(rows.map((row) => this.#answer(row, mayOpen)));
    return answers.flatMap((answer) => (answer && 'receipt' in answer ? [answer.receipt] : []));
  }

  /** Consistency proof between two sizes of the log, with the newest checkpoint it was checked against. */
  async consistency(from: number, to: number): Promise<readonly Uint8Array[]> {
    const signed = await this.#newest();
    if (!signed) throw new LedgerError('not-found', 'The log has no checkpoint yet.');
    return (await this.#readerOf(signed)).proveConsistency(from, to);
  }

  async #answer(row: LoggedRow, mayOpen: MayOpen): Promise<ReceiptAnswer | undefined> {
    const { pool, keys } = this.#parts;
    const leaf = Number(row.leaf);
    const signed = await this.#newest();
    if (!signed || signed.checkpoint.size <= leaf) return undefined;
    const witnessed = await readCheckpoint(pool, 'witnessed');
    const isWitnessed = witnessed !== undefined && witnessed.checkpoint.size > leaf;
    const { checkpoint, note } = isWitnessed ? witnessed : signed;
    const reader = await this.#readerOf(signed);
    const proof: TlogProof = { index: leaf, hashes: await reader.proveInclusion(leaf, checkpoint.size), note };
    const anchor = await this.#anchor(reader, leaf, checkpoint.size);
    const state = anchor ? 'anchored' : isWitnessed ? 'witnessed' : 'logged';
    const [opened] = await openEvents(keys, [row]);
    const event = opened && !opened.replaced ? readEvent(opened.opening.event) : undefined;
    if (!opened || !(await mayOpen(event, row.patient))) return { state, proof: formatTlogProof(proof) };
    const previous = row.before === null ? undefined : await reader.leafHash(Number(row.before));
    const opening: Opening = { ...opened.opening, sequence: Number(row.sequence), previous };
    const receipt: Receipt = { proof, opening, anchors: anchor ? [anchor] : [] };
    return { state, receipt: formatReceipt(receipt) };
  }

  async #anchor(reader: TileReader, leaf: number, size: number): Promise<Anchor | undefined> {
    const anchor = await anchorOf(this.#parts.pool, leaf);
    if (!anchor || anchor.size > reader.head.size) return undefined;
    const [older, newer] = anchor.size < size ? [anchor.size, size] : [size, anchor.size];
    return { ...anchor, consistency: await reader.proveConsistency(older, newer) };
  }

  #newest(): Promise<StoredCheckpoint | undefined> {
    return readCheckpoint(this.#parts.pool, 'signed');
  }

  #readerOf({ text, checkpoint }: StoredCheckpoint): Promise<TileReader> {
    if (this.#reader?.text !== text) {
      const reader = TileReader.open(storageSource(new PostgresLog(this.#parts.pool)), checkpoint);
      this.#reader = { text, reader };
      reader.catch(() => {
        // a reader that could not be opened must not answer the next request too
        if (this.#reader?.text === text) this.#reader = undefined;
      });
    }
    return this.#reader.reader;
  }
}
