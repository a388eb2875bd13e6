import type { ValueSet } from 'fhir/r4';
import type { FhirClient } from '../../api/fhir.ts';
import type { Http } from '../../api/http.ts';
import type { Language } from '../../i18n/language.ts';
import type { Term, TermSearch } from './term.ts';

/** An entry of the catalogue of Chinese medicine (`/clinic/herbs`, `/formulas`, `/points`). */
interface Entry {
  system: string;
  code: string;
  name: Readonly<Record<Language, string>>;
  pinyin: string;
  /** Of a herb: grams a day of an adult. */
  dose?: { low: number; high: number };
  /** Of a formula. */
  herbs?: readonly FormulaHerb[];
}

export interface FormulaHerb {
  herb: string;
  role: string;
  modern: { value: number; unit: 'g' | 'piece' };
}

export interface HerbTerm extends Term {
  dose: { low: number; high: number } | undefined;
}

export interface FormulaTerm extends Term {
  herbs: readonly FormulaHerb[];
}

const MOST = 12;

/** Herbs by any of their names: 繁體, 简体, pinyin, Latin, English. */
export function herbSearch(http: Http): (typed: string, signal?: AbortSignal) => Promise<HerbTerm[]> {
  return async (typed, signal) =>
    (await entries(http, 'herbs', typed, signal)).map((entry) => {
      const { dose } = entry;
      const range = dose === undefined ? '' : ` · ${dose.low}–${dose.high} g`;
      return { ...termOf(entry, `${entry.pinyin}${range}`), dose };
    });
}

/** Classical formulas by any of their names. */
export function formulaSearch(http: Http): (typed: string, signal?: AbortSignal) => Promise<FormulaTerm[]> {
  return async (typed, signal) =>
    (await entries(http, 'formulas', typed, signal)).map((entry) => ({
      ...termOf(entry, entry.pinyin),
      herbs: entry.herbs ?? [],
    }));
}

/** Acupuncture points by WHO code or name. */
export function pointSearch(http: Http): TermSearch {
  return async (typed, signal) =>
    (await entries(http, 'points', typed, signal)).map((entry) => termOf(entry, entry.code));
}

async function entries(
  http: Http,
  kind: 'herbs' | 'formulas' | 'points',
  typed: string,
  signal: AbortSignal | undefined,
): Promise<Entry[]> {
  const query = new URLSearchParams({ q: typed.trim().slice(0, 100), limit: String(MOST) });
  const answer = await http.json<Record<string, Entry[]>>(`/clinic/${kind}?${query}`, signal ? { signal } : {});
  return answer[kind] ?? [];
}

function termOf({ system, code, name }: Entry, hint: string): Term {
  return { key: code, names: name, coding: { system, code, display: name.en }, hint };
}

const PATTERNS = 'https://meridian.example/fhir/ValueSet/icd11-tm1';

/** Disorders and patterns of ICD-11, chapter 26, module I. */
export function patternSearch(fhir: FhirClient): TermSearch {
  return async (typed, signal) => {
    const query = new URLSearchParams({ url: PATTERNS, filter: typed.trim().slice(0, 100), count: String(MOST) });
    const { expansion } = await fhir.operation<ValueSet>(`ValueSet/$expand?${query}`, undefined, { signal });
    return (expansion?.contains ?? []).flatMap(({ system, code, display, designation }): Term[] => {
      if (code === undefined || system === undefined) return [];
      const en = display ?? code;
      const named = (language: string): string => designation?.find((one) => one.language === language)?.value ?? en;
      const names = { en, 'zh-Hant': named('zh-Hant'), 'zh-Hans': named('zh-Hans') };
      return [{ key: code, names, coding: { system, code, display: en }, hint: code }];
    });
  };
}
