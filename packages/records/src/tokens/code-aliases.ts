import type { Pool } from 'pg';
import { int8Array } from '../sql/binary-array.ts';
import { prepared, run } from '../sql/run.ts';
import type { CodedValue } from './columns.ts';
import { type TokenNames, textPrefixesOf } from './token-names.ts';

const INSERT = prepared('INSERT INTO code_alias SELECT * FROM unnest($1::int8[], $2::int8[]) ON CONFLICT DO NOTHING');

/** Most codes remembered; beyond it the memory starts afresh. */
const REMEMBERED = 200_000;

/**
 * The dictionary of coded values: by code alone, by system alone, by words of their texts. Codes repeat endlessly, so it
 * spares every record a dozen tokens, and nearly always all is known and no statement runs.
 */
export class CodeAliases {
  readonly #pool: Pool;
  readonly #names: TokenNames;
  /** What this process has written: the texts of each code. */
  readonly #written = new Map<bigint, Set<string>>();

  constructor(pool: Pool, names: TokenNames) {
    this.#pool = pool;
    this.#names = names;
  }

  /** Adds what is new; to be called before the records that use it are written. */
  async add(values: readonly CodedValue[]): Promise<void> {
    const fresh = values.filter((value) => !this.#knows(value));
    if (fresh.length === 0) return;
    const pairs = new Map<string, readonly [bigint, bigint]>();
    for (const value of fresh) {
      for (const alias of this.#aliasesOf(value)) pairs.set(`${alias} ${value.token}`, [alias, value.token]);
    }
    // in one order everywhere, so that two processes cannot wait for each other
    const sorted = [...pairs.values()].sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
    await run(this.#pool, INSERT, [
      int8Array(sorted.map(([alias]) => alias)),
      int8Array(sorted.map(([, token]) => token)),
    ]);
    if (this.#written.size > REMEMBERED) this.#written.clear();
    for (const { token, texts } of fresh) {
      const known = this.#written.get(token) ?? new Set<string>();
      for (const text of texts) known.add(text);
      this.#written.set(token, known);
    }
  }

  #knows({ token, texts }: CodedValue): boolean {
    const known = this.#written.get(token);
    return known !== undefined && texts.every((text) => known.has(text));
  }

  #aliasesOf({ type, key, system, code, texts }: CodedValue): bigint[] {
    if (code === undefined) return [this.#names.systems(type, key)];
    const words = new Set(texts.flatMap((text) => [...textPrefixesOf(text)]));
    return [
      this.#names.code(type, key, code),
      this.#names.system(type, key, system),
      ...[...words].map((word) => this.#names.textWord(type, key, word)),
    ];
  }
}
