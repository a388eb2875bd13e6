import { type LogEdge, rootOfEdge, storageSource, TileReader } from '@meridian/ledger';
import type { Pool } from 'pg';
import { readCheckpoint } from './checkpoints.ts';
import { PostgresLog } from './postgres-log.ts';
import { askWitnesses, type WitnessRound, type WitnessRoundOptions } from './witness-round.ts';

export interface WitnessingOptions extends WitnessRoundOptions {
  readPool: Pool;
  /** Milliseconds between two rounds at least. */
  every: number;
}

/**
 * Has witnesses cosign the newest checkpoint beside the batches, one round at a time. The leader takes what they answered
 * and stores it between two batches, on its own session: so an old leader cannot put an old checkpoint back.
 */
export class Witnessing {
  readonly #options: WitnessingOptions;
  #round: Promise<void> | undefined;
  #answer: WitnessRound | undefined;
  #next = 0;
  /** Size of the newest checkpoint that enough witnesses cosigned. */
  #witnessed = 0;

  constructor(options: WitnessingOptions) {
    this.#options = options;
  }

  /** What the last round brought, once. */
  take(): WitnessRound | undefined {
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }

  /** Begins a round if one is due, and the log has grown since the last that was enough. */
  ask(edge: LogEdge): void {
    const { policy, every } = this.#options;
    const due = this.#round === undefined && performance.now() >= this.#next && edge.size > this.#witnessed;
    if (!due || policy.witnesses.length === 0) return;
    this.#next = performance.now() + every;
    // a failure here is one of reading; the next round tries again
    this.#round = this.#ask(edge)
      .catch(() => undefined)
      .finally(() => {
        this.#round = undefined;
      });
  }

  /** Resolves when the round under way is over. */
  async end(): Promise<void> {
    await this.#round;
  }

  async #ask(edge: LogEdge): Promise<void> {
    const { readPool } = this.#options;
    const signed = await readCheckpoint(readPool, 'signed');
    if (signed?.checkpoint.size !== edge.size) return;
    const head = { size: edge.size, root: rootOfEdge(edge) };
    const reader = await TileReader.open(storageSource(new PostgresLog(readPool)), head);
    this.#answer = await askWitnesses(signed.note, reader, this.#options);
    if (this.#answer.witnessed) this.#witnessed = edge.size;
  }
}
