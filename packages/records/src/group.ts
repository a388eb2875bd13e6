/** One thing waiting to be carried out with others. */
interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export interface GroupOptions<Item> {
  /** Most items in one run. */
  most: number;
  /** Most runs at a time. */
  parallel: number;
  /** Most items waiting; beyond it `submit` rejects with `QueueFull`. */
  queue: number;
  /** Items with the same key never share a run, nor run at the same time. */
  keyOf?: (item: Item) => string | bigint;
}

/** Too many requests are waiting for the database. */
export class QueueFull extends Error {
  constructor() {
    super('More requests are waiting for the database than it can answer soon; try again in a few seconds.');
    this.name = 'QueueFull';
  }
}

/**
 * Group commit: what arrives while earlier runs are under way is carried out together in the next one, so that many
 * requests share one statement, one commit and one fsync. Nothing waits for company: an idle group starts at once.
 */
export class Group<Item, Result> {
  readonly #run: (items: Item[]) => Promise<Result[]>;
  readonly #options: GroupOptions<Item>;
  readonly #held = new Set<string | bigint>();
  #waiting: Waiting<Item, Result>[] = [];
  #running = 0;
  #idle: (() => void)[] = [];
  #scheduled = false;

  /** @param run carries out the items and gives one result for each, in order; throws for all of them */
  constructor(run: (items: Item[]) => Promise<Result[]>, options: GroupOptions<Item>) {
    this.#run = run;
    this.#options = options;
  }

  submit(item: Item): Promise<Result> {
    if (this.#waiting.length >= this.#options.queue) return Promise.reject(new QueueFull());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  async drained(): Promise<void> {
    if (this.#running === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  get backlog(): number {
    return this.#waiting.length;
  }

  /** Requests that arrive in the same turn of the event loop share a run. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    while (this.#running < this.#options.parallel && this.#waiting.length > 0) {
      const batch = this.#take();
      if (batch.length === 0) return;
      this.#running++;
      void this.#carryOut(batch);
    }
  }

  #take(): Waiting<Item, Result>[] {
    const { most, keyOf } = this.#options;
    if (!keyOf) return this.#waiting.splice(0, most);
    const batch: Waiting<Item, Result>[] = [];
    const left: Waiting<Item, Result>[] = [];
    for (const waiting of this.#waiting) {
      const key = keyOf(waiting.item);
      if (batch.length < most && !this.#held.has(key)) {
        this.#held.add(key);
        batch.push(waiting);
      } else left.push(waiting);
    }
    this.#waiting = left;
    return batch;
  }

  async #carryOut(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      await this.#settle(batch);
    } finally {
      this.#running--;
      const { keyOf } = this.#options;
      if (keyOf) for (const waiting of batch) this.#held.delete(keyOf(waiting.item));
      this.#start();
      if (this.#running === 0 && this.#waiting.length === 0) for (const wake of this.#idle.splice(0)) wake();
    }
  }

  /** When a shared run fails, each item is tried alone, so that one bad item does not fail its neighbours. */
  async #settle(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#run(batch.map((waiting) => waiting.item));
      batch.forEach((waiting, i) => {
        waiting.resolve(results[i] as Result);
      });
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const waiting of batch) await this.#settle([waiting]);
    }
  }
}
