import { LedgerError } from './error.ts';
import type { LogAppend, LogStorage } from './log-storage.ts';

/** A log in memory: for tests, browsers and benchmarks. */
export class MemoryStorage implements LogStorage {
  readonly #resources = new Map<string, Uint8Array>();
  #size = 0;

  async size(): Promise<number> {
    return this.#size;
  }

  async tile(level: number, index: number): Promise<Uint8Array | undefined> {
    return this.#resources.get(`${level}/${index}`);
  }

  async bundle(index: number): Promise<Uint8Array | undefined> {
    return this.#resources.get(`entries/${index}`);
  }

  async commit(append: LogAppend): Promise<void> {
    if (append.oldSize !== this.#size) {
      throw new LedgerError('conflict', `The log has ${this.#size} leaves, not ${append.oldSize}; append to it anew.`);
    }
    for (const { id, bytes } of append.writes) {
      this.#resources.set(`${id.kind === 'tile' ? id.level : id.kind}/${id.index}`, bytes);
    }
    this.#size = append.size;
  }
}
