import type { ReceiptState } from '@meridian/ledger';
import type { Pool } from 'pg';
import { int8Array } from '../sql/binary-array.ts';
import { prepared, run } from '../sql/run.ts';
import { largestAnchor } from './anchors.ts';
import { readCheckpoint } from './checkpoints.ts';

interface Waiter {
  event: bigint;
  state: ReceiptState;
  /** Epoch milliseconds after which nobody waits any more. */
  until: number;
  /** Known once the event is in the log. */
  leaf: number | undefined;
  resolve: (reached: boolean) => void;
}

/** Most callers that wait at a time; the next is told at once that its event has not come so far. */
const MOST_WAITING = 1000;
const LOOK_EVERY_MS = 50;

const LEAVES = prepared('SELECT event, leaf FROM ledger_event WHERE event = ANY ($1::int8[])');

/** Lets callers wait until an event has come as far as they ask; one look at the database serves all of them. */
export class Waiting {
  readonly #pool: Pool;
  readonly #now: () => number;
  readonly #hurry: () => void;
  #waiters: Waiter[] = [];
  #looking = false;

  /** @param hurry told when somebody begins to wait; @param now epoch milliseconds */
  constructor(pool: Pool, now: () => number, hurry: () => void) {
    this.#pool = pool;
    this.#now = now;
    this.#hurry = hurry;
  }

  /**
   * @param number 16 hexadecimal digits
   * @param timeout milliseconds
   * @returns whether the event came so far in time
   */
  waitFor(number: string, state: ReceiptState, timeout: number): Promise<boolean> {
    if (this.#waiters.length >= MOST_WAITING) return Promise.resolve(false);
    return new Promise((resolve) => {
      const event = BigInt.asIntN(64, BigInt(`0x${number}`));
      this.#waiters.push({ event, state, until: this.#now() + timeout, leaf: undefined, resolve });
      this.#hurry();
      if (!this.#looking) void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    while (this.#waiters.length > 0) {
      // a database that is away is no answer: whoever waits goes on until the time is over
      const sizes = await this.#sizes().catch(() => undefined);
      const now = this.#now();
      this.#waiters = this.#waiters.filter((waiter) => {
        const { leaf } = waiter;
        const reached = sizes !== undefined && leaf !== undefined && leaf < sizes[waiter.state];
        if (!reached && now < waiter.until) return true;
        waiter.resolve(reached);
        return false;
      });
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    this.#looking = false;
  }

  /** Finds the leaves of new waiters, and how far the log has come in each state. */
  async #sizes(): Promise<Record<ReceiptState, number>> {
    const unplaced = this.#waiters.filter(({ leaf }) => leaf === undefined);
    if (unplaced.length > 0) {
      const events = unplaced.map(({ event }) => event);
      const rows = await run<{ event: bigint; leaf: bigint }>(this.#pool, LEAVES, [int8Array(events)]);
      const leaves = new Map(rows.map(({ event, leaf }) => [event, Number(leaf)]));
      for (const waiter of unplaced) waiter.leaf = leaves.get(waiter.event);
    }
    const signed = await readCheckpoint(this.#pool, 'signed');
    const witnessed = await readCheckpoint(this.#pool, 'witnessed');
    const anchor = await largestAnchor(this.#pool);
    return {
      logged: signed?.checkpoint.size ?? 0,
      witnessed: witnessed?.checkpoint.size ?? 0,
      anchored: anchor?.size ?? 0,
    };
  }
}
