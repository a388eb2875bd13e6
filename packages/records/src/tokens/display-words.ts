import type { Pool } from 'pg';
import { int8Array } from '../sql/binary-array.ts';
import { prepared, run } from '../sql/run.ts';
import type { Display } from './columns.ts';
import { type TokenNames, textPrefixesOf } from './token-names.ts';

const INSERT = prepared('INSERT INTO display_word SELECT * FROM unnest($1::int8[], $2::int8[]) ON CONFLICT DO NOTHING');

/** Most codes remembered; beyond it the memory starts afresh. */
const REMEMBERED = 200_000;

/** The dictionary of displays of codes, for `:text`. Displays repeat endlessly, so nearly always all are known. */
export class DisplayWords {
  readonly #pool: Pool;
  readonly #names: TokenNames;
  readonly #written = new Map<bigint, string>();

  constructor(pool: Pool, names: TokenNames) {
    this.#pool = pool;
    this.#names = names;
  }

  /** Adds what is new; to be called before the records that use it are written. */
  async add(displays: readonly Display[]): Promise<void> {
    const fresh = displays.filter(({ token, text }) => this.#written.get(token) !== text);
    if (fresh.length === 0) return;
    const pairs = new Map<string, readonly [bigint, bigint]>();
    for (const { type, key, token, text } of fresh) {
      for (const prefix of textPrefixesOf(text)) {
        const word = this.#names.textWord(type, key, prefix);
        pairs.set(`${word} ${token}`, [word, token]);
      }
    }
    // in one order everywhere, so that two processes cannot wait for each other
    const sorted = [...pairs.values()].sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
    await run(this.#pool, INSERT, [
      int8Array(sorted.map(([word]) => word)),
      int8Array(sorted.map(([, token]) => token)),
    ]);
    if (this.#written.size > REMEMBERED) this.#written.clear();
    for (const { token, text } of fresh) this.#written.set(token, text);
  }
}
