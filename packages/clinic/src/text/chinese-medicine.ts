import { FORMULA_SYSTEM, FORMULAS } from '../tcm/formula.ts';
import { HERBS } from '../tcm/herb.ts';
import { HERB_SYSTEM } from '../tcm/herb-id.ts';
import { ICD11_BUILT_IN, ICD11_SYSTEM, type Icd11Code } from '../tcm/icd11.ts';
import { POINT_SYSTEM, POINTS } from '../tcm/point.ts';
import { codingOf } from '../tcm/profile/code-systems.ts';
import type { CodedTerm } from '../tcm/script.ts';
import { PRINCIPLES } from '../tcm/terms/therapy.ts';
import type { ChineseMedicineFact } from './chinese-medicine-fact.ts';
import { PhraseTrie } from './phrase-trie.ts';
import type { Sentence } from './sentences.ts';
import type { Token } from './tokens.ts';
import { readSigns } from './tongue-and-pulse.ts';

type Named = Pick<ChineseMedicineFact, 'kind' | 'coding'>;

/** The names that are looked for. Points count only where needles are spoken of: 水分 is a point and a word for water. */
export interface ChineseMedicineNames {
  all: PhraseTrie<Named>;
  points: PhraseTrie<Named>;
}

const NEEDLES = /穴|針|针|灸|acupuncture|moxa|needl/i;
const SHORTEST = 2;

/** The names of all patterns of `patterns` (ICD-11 chapter 26, module I), principles, formulas, herbs and points. */
export function chineseMedicineNames(patterns: ReadonlyMap<string, Icd11Code> = ICD11_BUILT_IN): ChineseMedicineNames {
  const all = new PhraseTrie<Named>();
  const points = new PhraseTrie<Named>();
  const add = (trie: PhraseTrie<Named>, names: readonly (string | undefined)[], value: Named) => {
    for (const name of names) if (name !== undefined && name.length >= SHORTEST) trie.add(name, value);
  };
  for (const herb of HERBS.values()) {
    add(all, [herb.zhHant, herb.zhHans], {
      kind: 'herb',
      coding: { system: HERB_SYSTEM, code: herb.id, display: herb.en },
    });
  }
  for (const { id, zhHant, zhHans, en } of FORMULAS.values()) {
    add(all, [zhHant, zhHans], { kind: 'formula', coding: { system: FORMULA_SYSTEM, code: id, display: en } });
  }
  for (const { code, zhHant, zhHans } of POINTS.values()) {
    const display = zhHant;
    add(points, [zhHant, zhHans, /^[A-Z]{2}\d+$/.test(code) ? code : undefined], {
      kind: 'point',
      coding: { system: POINT_SYSTEM, code, display },
    });
  }
  for (const { code, en, zhHant, zhHans } of PRINCIPLES as readonly CodedTerm[]) {
    add(all, [zhHant, zhHans, en], { kind: 'principle', coding: codingOf('tcm-principle', code) });
  }
  for (const { code, title, kind, zhHant, zhHans } of patterns.values()) {
    if (kind !== 'pattern') continue;
    const value: Named = { kind: 'pattern', coding: { system: ICD11_SYSTEM, code, display: title } };
    add(all, [zhHant, zhHans, withoutMark(zhHant), withoutMark(zhHans), englishName(title)], value);
  }
  return { all, points };
}

/** 肝氣鬱結 of 肝氣鬱結證: notes leave the last character off. */
function withoutMark(name: string | undefined): string | undefined {
  return name?.replace(/[證证]$/, '');
}

/** `Liver qi stagnation` of `Liver qi stagnation pattern (TM1)`. */
function englishName(title: string): string {
  return title.replace(/ \(TM1\)$/, '').replace(/ pattern$/, '');
}

/** The facts of Chinese medicine in one sentence; `aboutTongue` says whether the text speaks of a tongue at all. */
export function chineseMedicineOf(
  text: string,
  tokens: readonly Token[],
  sentence: Sentence,
  names: ChineseMedicineNames,
  aboutTongue: boolean,
): ChineseMedicineFact[] {
  const signs = readSigns(tokens, sentence, aboutTongue);
  const words = text.slice(tokens[sentence.from]?.start, tokens[sentence.to - 1]?.end);
  const tries = NEEDLES.test(words) ? [names.all, names.points] : [names.all];
  const named = tries.flatMap((trie) =>
    [...trie.matches(tokens, sentence.from, sentence.to)].map(({ from, to, value }): ChineseMedicineFact => {
      const negated = /^[无非未]$/.test(tokens[from - 1]?.text ?? '');
      return { start: tokens[from]?.start ?? 0, end: tokens[to - 1]?.end ?? 0, ...value, negated };
    }),
  );
  return [...signs, ...named].sort((a, b) => a.start - b.start);
}
