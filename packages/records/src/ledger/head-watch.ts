import { type LogEdge, rootOfEdge, storageSource, TileReader } from '@meridian/ledger';
import type { Pool } from 'pg';
import { askHead, compareHead, type KnownHeads, refusalOf } from './known-heads.ts';
import { PostgresLog } from './postgres-log.ts';

export interface HeadWatchOptions {
  readPool: Pool;
  origin: string;
  /** Milliseconds between two questions to the same one at least. */
  every: number;
  /** Milliseconds that an answer may take. */
  patience: number;
}

/**
 * Asks those who remember heads of the log, and gave no answer when the leader began, beside the batches until each has
 * answered once: a chain that is away does not hold the log up, but what it knows is heard as soon as it is back.
 */
export class HeadWatch {
  readonly #options: HeadWatchOptions;
  #silent: readonly KnownHeads[];
  #asking: Promise<void> | undefined;
  #next: number;
  #refusal: string | undefined;

  constructor(silent: readonly KnownHeads[], options: HeadWatchOptions) {
    this.#silent = silent;
    this.#options = options;
    this.#next = performance.now() + options.every;
  }

  /** Why the leader must not go on; undefined as long as nobody has said anything against it. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Asks again if it is time. `edge` is that of the stored log. */
  ask(edge: LogEdge): void {
    if (this.#silent.length === 0 || this.#asking || performance.now() < this.#next) return;
    this.#next = performance.now() + this.#options.every;
    // a failure here is one of reading; the next time tries again
    this.#asking = this.#ask(edge)
      .catch(() => undefined)
      .finally(() => {
        this.#asking = undefined;
      });
  }

  /** Resolves when the questions under way are over. */
  async end(): Promise<void> {
    await this.#asking;
  }

  async #ask(edge: LogEdge): Promise<void> {
    const { readPool, origin, patience } = this.#options;
    const stillSilent: KnownHeads[] = [];
    const log = storageSource(new PostgresLog(readPool));
    for (const memory of this.#silent) {
      const answer = await askHead(memory, origin, patience);
      if (!answer) stillSilent.push(memory);
      if (!answer?.head) continue;
      const reader = await TileReader.open(log, { size: edge.size, root: rootOfEdge(edge) });
      this.#refusal ??= refusalOf(memory.name, edge.size, await compareHead(answer.head, reader));
    }
    this.#silent = stillSilent;
  }
}
