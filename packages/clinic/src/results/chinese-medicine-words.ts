import table from '../../data/results/words/chinese-medicine.json' with { type: 'json' };
import type { Locale, Words } from './words.ts';

/** The lists of `../tcm/terms` whose codes are explained here. */
export type ChineseMedicineList = 'tongue-colour' | 'tongue-shape' | 'coating-colour' | 'coating-quality' | 'pulse';

/** A finding or pattern of Chinese medicine in plain words. */
export interface ChineseMedicineWords {
  meaning: string;
  /** How such findings are to be taken. */
  note: string;
  source: string;
}

const words: Readonly<Record<string, Words>> = table.words;

const ONE_SIGN: Words = {
  en: 'In Chinese medicine this is one sign among many; your practitioner reads it together with the others. It is not a laboratory test.',
  'zh-Hant': '在中醫角度，這只是眾多表現之一，醫師會四診合參。這並非化驗結果。',
  'zh-Hans': '在中医角度，这只是众多表现之一，医师会四诊合参。这并非化验结果。',
};
const PATTERN: Words = {
  en: 'A pattern describes how the body is now and guides the treatment. It changes, and it does not take the place of a Western diagnosis.',
  'zh-Hant': '證型描述身體目前的狀態，用以指導治療；它會隨時間改變，並不取代西醫診斷。',
  'zh-Hans': '证型描述身体目前的状态，用以指导治疗；它会随时间改变，并不取代西医诊断。',
};

/** Elements of patterns by the words that name them in Traditional Chinese pattern names. */
const ELEMENTS: readonly (readonly [string, RegExp])[] = [
  ['qi-deficiency', /氣虛|脾虛|心脾兩虛/],
  ['blood-deficiency', /血虛|心脾兩虛/],
  ['yin-deficiency', /陰虛|陰陽兩虛/],
  ['yang-deficiency', /陽虛|陰陽兩虛/],
  ['qi-stagnation', /氣滯|氣鬱|鬱結|肝脾不和/],
  ['blood-stasis', /血瘀|瘀血/],
  ['phlegm', /痰/],
  ['dampness', /濕/],
  ['heat', /熱|火/],
  ['cold', /寒/],
  ['wind', /風/],
];

/** A sign of the tongue or the pulse by its code, such as `pulse`, `wiry`; undefined for codes that the lists do not have. */
export function findingWords(
  list: ChineseMedicineList,
  code: string,
  locale: Locale,
): ChineseMedicineWords | undefined {
  const entry = words[`${list}:${code}`];
  return entry && { meaning: entry[locale], note: ONE_SIGN[locale], source: table.source };
}

/**
 * A pattern by its Traditional Chinese name (as of ICD-11 chapter 26, module I): the words of each element that the name
 * holds, so that 脾腎陽虛證 speaks of low yang. Undefined where the name holds none of them.
 */
export function patternWords(name: string, locale: Locale): ChineseMedicineWords | undefined {
  const held = ELEMENTS.flatMap(([key, pattern]) => (pattern.test(name) ? (words[`pattern:${key}`] ?? []) : []));
  if (held.length === 0) return undefined;
  return {
    meaning: held.map((entry) => entry[locale]).join(locale === 'en' ? ' ' : ''),
    note: PATTERN[locale],
    source: table.source,
  };
}
