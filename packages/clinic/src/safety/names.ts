import { FORMULAS } from '../tcm/formula.ts';
import { HERBS } from '../tcm/herb.ts';
import { MAX_NAME_LENGTH } from './input.ts';
import { DRUGS, HERB_ROWS, PRODUCTS } from './knowledge.ts';

/**
 * Finds known names in free text of any script: the longest name wins at each place, so that 麻黃湯 is the formula and not
 * the herb. Latin script is compared without case, accents and tone marks, word by word; Chinese character by character.
 */
export class NameIndex<T> {
  readonly #latin = new Map<string, T>();
  readonly #chinese = new Map<string, T>();
  #longestLatin = 1;
  #longestChinese = 2;

  /**
   * Adds a name. The first to claim a name keeps it. Left out are names of one letter or character and, in each script,
   * names that punctuation cuts in pieces: a piece (“Poria” of “Poria, Cinnamon Twig …”) means something else.
   */
  add(name: string, meaning: T): void {
    const [words = [], ...furtherWords] = latinRuns(name);
    const key = words.join(' ');
    if (furtherWords.length === 0 && key.length >= 3 && !this.#latin.has(key)) {
      this.#latin.set(key, meaning);
      this.#longestLatin = Math.max(this.#longestLatin, words.length);
    }
    const [run = '', ...furtherRuns] = chineseRuns(name);
    if (furtherRuns.length === 0 && run.length >= 2 && !this.#chinese.has(run)) {
      this.#chinese.set(run, meaning);
      this.#longestChinese = Math.max(this.#longestChinese, run.length);
    }
  }

  /** What the text names, each once, in order of appearance. */
  find(text: string): T[] {
    const found = new Set<T>();
    const cut = text.slice(0, MAX_NAME_LENGTH);
    for (const words of latinRuns(cut)) {
      longestMatches(
        words.length,
        this.#longestLatin,
        (from, to) => this.#latin.get(words.slice(from, to).join(' ')),
        found,
      );
    }
    for (const run of chineseRuns(cut)) {
      longestMatches(run.length, this.#longestChinese, (from, to) => this.#chinese.get(run.slice(from, to)), found);
    }
    return [...found];
  }
}

function longestMatches<T>(
  length: number,
  longest: number,
  lookUp: (from: number, to: number) => T | undefined,
  found: Set<T>,
): void {
  let from = 0;
  while (from < length) {
    let to = Math.min(length, from + longest);
    for (; to > from; to--) {
      const meaning = lookUp(from, to);
      if (meaning === undefined) continue;
      found.add(meaning);
      break;
    }
    from = Math.max(to, from + 1);
  }
}

const MARKS = /\p{M}+/gu;

/** Runs of Latin words between stretches of other scripts. */
function latinRuns(text: string): string[][] {
  const plain = text.normalize('NFKD').replace(MARKS, '').toLowerCase();
  const runs = plain.split(/[\p{Script=Han}、，。；;,()（）[\]/+]+/u);
  return runs.map((run) => run.split(/[^a-z0-9]+/).filter((word) => word !== '')).filter((words) => words.length > 0);
}

/** Runs of Chinese characters with the letters and digits among them (維C銀翹片). */
function chineseRuns(text: string): string[] {
  const runs = text.normalize('NFKC').match(/[\p{Script=Han}A-Za-z0-9]+/gu) ?? [];
  return runs.filter((run) => /\p{Script=Han}/u.test(run));
}

function agentNames(): NameIndex<string> {
  const index = new NameIndex<string>();
  const all = (id: string, names: readonly string[]): void => {
    for (const name of names) index.add(name, id);
  };
  for (const row of PRODUCTS) all(`product:${row.id}`, [...row.en, ...row.zhHant, ...row.zhHans]);
  for (const { id, zhHant, zhHans, pinyin, en } of FORMULAS.values()) {
    all(`formula:${id}`, [zhHant, zhHans, pinyin, pinyin.replaceAll(' ', ''), en]);
  }
  for (const { id, zhHant, zhHans, pinyin, latin, en, aliases = [] } of HERBS.values()) {
    all(`herb:${id}`, [zhHant, zhHans, pinyin.replaceAll(' ', ''), pinyin, latin, en, ...aliases]);
  }
  for (const row of DRUGS) all(`drug:${row.id}`, [...row.en, ...row.zhHant, ...row.zhHans]);
  for (const row of HERB_ROWS) all(`herb:${row.id}`, [row.id, ...row.en, ...row.zhHant, ...row.zhHans]);
  return index;
}

/** Names of drugs, herbs and formulas; what it finds are ids of agents. */
export const AGENT_NAMES: NameIndex<string> = agentNames();
