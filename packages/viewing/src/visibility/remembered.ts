const LONGEST = 60_000;
const MOST = 20_000;

/** Values looked up once and kept for at most a minute; concurrent questions share one look-up. */
export class Remembered<Key, Value> {
  readonly #clock: () => number;
  readonly #load: (key: Key) => Promise<Value>;
  readonly #kept = new Map<Key, { value: Promise<Value>; at: number }>();

  constructor(clock: () => number, load: (key: Key) => Promise<Value>) {
    this.#clock = clock;
    this.#load = load;
  }

  get(key: Key): Promise<Value> {
    const now = this.#clock();
    const kept = this.#kept.get(key);
    if (kept && now - kept.at < LONGEST && now >= kept.at) return kept.value;
    // in place before it is loaded: a change that comes meanwhile removes it, so that what was read before it is not kept
    const value = this.#load(key);
    const entry = { value, at: now };
    this.#kept.delete(key);
    if (this.#kept.size >= MOST) this.#kept.delete(this.#kept.keys().next().value as Key);
    this.#kept.set(key, entry);
    value.catch(() => {
      if (this.#kept.get(key) === entry) this.#kept.delete(key);
    });
    return value;
  }

  /** @param key undefined: everything */
  forget(key: Key | undefined): void {
    if (key === undefined) this.#kept.clear();
    else this.#kept.delete(key);
  }
}
