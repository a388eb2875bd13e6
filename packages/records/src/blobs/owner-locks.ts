/**
 * Keeps collecting (removing chunks that no manifest names) apart from writing, owner by owner.
 *
 * What would go wrong without: a put finds an old chunk already there and does not write it; a release of the last blob
 * that named it removes it; the put writes its manifest, which names a chunk that is gone.
 *
 * Processes that share one chunk store must share the locks too, for instance as PostgreSQL advisory locks: `writing`
 * is a shared lock, `collecting` an exclusive one that is tried and not waited for.
 */
export interface OwnerLocks {
  /** Runs `work` while nobody collects; any number of these at once. Waits for a collection under way. */
  writing<T>(owner: string, work: () => Promise<T>): Promise<T>;
  /**
   * Runs `work` alone. Answers false at once, without having run it, while somebody writes: an upload may take hours,
   * and what is left uncollected is found by the next sweep.
   */
  collecting(owner: string, work: () => Promise<void>): Promise<boolean>;
}

interface OwnerState {
  writers: number;
  collection: Promise<unknown> | undefined;
}

/** Locks for a chunk store that only this process uses. */
export class LocalOwnerLocks implements OwnerLocks {
  readonly #owners = new Map<string, OwnerState>();

  async writing<T>(owner: string, work: () => Promise<T>): Promise<T> {
    // The state is looked at and changed in one turn: no await between the last check and what follows.
    for (let running = this.#collection(owner); running; running = this.#collection(owner)) await running;
    const state = this.#state(owner);
    state.writers++;
    try {
      return await work();
    } finally {
      state.writers--;
      this.#forgetIdle(owner, state);
    }
  }

  async collecting(owner: string, work: () => Promise<void>): Promise<boolean> {
    for (let running = this.#collection(owner); running; running = this.#collection(owner)) await running;
    const state = this.#state(owner);
    if (state.writers > 0) return false;
    const collection = work();
    state.collection = collection.catch(() => undefined);
    try {
      await collection;
    } finally {
      state.collection = undefined;
      this.#forgetIdle(owner, state);
    }
    return true;
  }

  #collection(owner: string): Promise<unknown> | undefined {
    return this.#owners.get(owner)?.collection;
  }

  #state(owner: string): OwnerState {
    let state = this.#owners.get(owner);
    if (!state) {
      state = { writers: 0, collection: undefined };
      this.#owners.set(owner, state);
    }
    return state;
  }

  #forgetIdle(owner: string, state: OwnerState): void {
    if (state.writers === 0 && !state.collection) this.#owners.delete(owner);
  }
}
