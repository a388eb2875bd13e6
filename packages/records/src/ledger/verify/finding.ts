/** What is wrong with a row. */
export type FindingKind =
  /** A row differs from what the log says of it. */
  | 'altered'
  /** Something that the log says is there is not. */
  | 'missing'
  /** Something is there that the log does not know. */
  | 'unknown'
  /** It is sealed with a key that is not there, and no destruction of that key is on record. */
  | 'no-key'
  /** Others have seen another log, or a longer one. */
  | 'forked';

/** One damaged thing. Holds no record text: rows are named by their keys, which are tokens. */
export interface Finding {
  kind: FindingKind;
  /** The table, or `checkpoint`, or who contradicts. */
  where: string;
  /** Which row, such as `patient 42 sequence 7`. */
  row: string;
  /** For people: what does not hold. */
  sentence: string;
}

/** Collects findings, each row and reason once, up to a bound. */
export class Findings {
  readonly #most: number;
  readonly #list = new Map<string, Finding>();
  #left = 0;

  constructor(most = 1000) {
    this.#most = most;
  }

  add(kind: FindingKind, where: string, row: string, sentence: string): void {
    this.addAll([{ kind, where, row, sentence }]);
  }

  /** @param left how many more there were where these come from */
  addAll(findings: readonly Finding[], left = 0): void {
    this.#left += left;
    for (const finding of findings) {
      const name = `${finding.where}/${finding.row}/${finding.sentence}`;
      if (this.#list.has(name)) continue;
      if (this.#list.size < this.#most) this.#list.set(name, finding);
      else this.#left++;
    }
  }

  get list(): readonly Finding[] {
    return [...this.#list.values()];
  }

  /** How many more there were than are kept. */
  get left(): number {
    return this.#left;
  }
}

/** A row by its keys, such as `patient 42 sequence 7`. */
export function rowOf(fields: Readonly<Record<string, bigint | number | null | undefined>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${value ?? 'none'}`)
    .join(' ');
}
