import type { Pool } from 'pg';
import type { Ids } from '../ids.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { prepared, run } from '../sql/run.ts';
import type { StoredEvent } from './event-opening.ts';
import { openEvents } from './open-events.ts';
import { type ReadEvent, readEvent } from './read-event.ts';

/** An event of a patient's chain, as the patient may know it. */
export interface PatientEvent extends ReadEvent {
  /** 16 hexadecimal digits: leads to the receipt. */
  event: string;
  /** Its place in the patient's chain, from 0 without gaps: nothing was left out between two neighbours. */
  sequence: number;
}

/** Events of one page: those of the wanted kinds among the next `CHAIN_READ` of the chain. */
export interface PatientEventPage {
  /** Newest first. */
  events: PatientEvent[];
  /** Where the next page begins; undefined: there is nothing older. */
  next: number | undefined;
  /** How many events the chain has in all, of every kind. */
  total: number;
}

interface ChainRow extends StoredEvent {
  sequence: bigint;
}

/** Events read for one page, whatever their kind. */
const CHAIN_READ = 500;

const BACKWARDS = prepared(
  `SELECT event, patient, rid, version, bucket, kind, sealed, sequence FROM ledger_event
    WHERE patient = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT ${CHAIN_READ}`,
);
const TOTAL = prepared('SELECT events FROM ledger_subject WHERE patient = $1');

/** Reads a patient's chain from its newest end. Events whose key was destroyed are left out; the chain shows their gap. */
export class PatientEvents {
  readonly #parts: { pool: Pool; keys: KeyRing; ids: Ids };

  constructor(parts: { pool: Pool; keys: KeyRing; ids: Ids }) {
    this.#parts = parts;
  }

  /**
   * @param before only events before this place in the chain; undefined: from the newest
   * @param wanted which events belong on the page
   */
  async page(
    patientId: string,
    before: number | undefined,
    wanted: (event: ReadEvent) => boolean,
  ): Promise<PatientEventPage> {
    const { pool, keys, ids } = this.#parts;
    const patient = ids.patient(patientId);
    const [subject] = await run<{ events: bigint }>(pool, TOTAL, [patient]);
    const total = Number(subject?.events ?? 0n);
    const rows = await run<ChainRow>(pool, BACKWARDS, [patient, before ?? total]);
    const opened = await openEvents(keys, rows);
    const events: PatientEvent[] = [];
    rows.forEach((row, i) => {
      const found = opened[i];
      const event = found && !found.replaced ? readEvent(found.opening.event) : undefined;
      if (!event || !wanted(event)) return;
      const number = BigInt.asUintN(64, row.event).toString(16).padStart(16, '0');
      events.push({ ...event, event: number, sequence: Number(row.sequence) });
    });
    const last = rows.at(-1);
    const next = rows.length === CHAIN_READ && last ? Number(last.sequence) : undefined;
    return { events, next, total };
  }
}
