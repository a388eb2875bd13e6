import type { CodeableConcept, Coding } from 'fhir/r4';
import type { Language } from '../../i18n/language.ts';

/** A term that a field offers: its names, and the code that is written down with them. */
export interface Term {
  /** Unique within its list. */
  key: string;
  names: Readonly<Record<Language, string>>;
  coding?: Coding;
  /** Shown beside the name: a code, a dose. */
  hint?: string;
}

/** Looks terms up for what is typed so far, best first. */
export type TermSearch = (typed: string, signal: AbortSignal) => Promise<readonly Term[]>;

/** What is written down: the code, and the names of both languages so that each reader finds theirs. */
export function conceptOf(term: Term | undefined, typed: string): CodeableConcept {
  if (term === undefined) return { text: typed.trim() };
  const { names, coding } = term;
  const text = names.en === names['zh-Hant'] ? names.en : `${names.en} ${names['zh-Hant']}`;
  return { ...(coding && { coding: [coding] }), text };
}

/** A search in a list of our own: names in any language and codes, from their beginning before anywhere. */
export function searchIn(terms: readonly Term[], most = 12): TermSearch {
  const folded = terms.map((term) => ({ term, words: wordsOf(term) }));
  return async (typed) => {
    const needle = fold(typed);
    if (needle === '') return terms.slice(0, most);
    const rank = (words: readonly string[]): number =>
      words.some((word) => word.startsWith(needle)) ? 0 : words.some((word) => word.includes(needle)) ? 1 : 2;
    return folded
      .map(({ term, words }) => ({ term, grade: rank(words) }))
      .filter(({ grade }) => grade < 2)
      .sort((a, b) => a.grade - b.grade)
      .slice(0, most)
      .map(({ term }) => term);
  };
}

function wordsOf({ names, coding }: Term): string[] {
  const all = [...Object.values(names), coding?.code ?? ''];
  return all.flatMap((name) => [fold(name), ...fold(name).split(/[\s,()]+/)]).filter(Boolean);
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
}

/** A row of the tables beside this file: code, names in English, 繁體 and 简体. */
export type TermRow = readonly [code: string, en: string, zhHant: string, zhHans: string, hint?: string];

export function termsOf(system: string, rows: readonly TermRow[]): Term[] {
  return rows.map(([code, en, zhHant, zhHans, hint]) => ({
    key: code,
    names: { en, 'zh-Hant': zhHant, 'zh-Hans': zhHans },
    coding: { system, code, display: en },
    hint: hint ?? code,
  }));
}
