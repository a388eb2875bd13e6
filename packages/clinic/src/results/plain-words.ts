import blood from '../../data/results/words/blood.json' with { type: 'json' };
import bloodGas from '../../data/results/words/blood-gas.json' with { type: 'json' };
import bone from '../../data/results/words/bone.json' with { type: 'json' };
import clotting from '../../data/results/words/clotting.json' with { type: 'json' };
import diabetes from '../../data/results/words/diabetes.json' with { type: 'json' };
import electrolytes from '../../data/results/words/electrolytes.json' with { type: 'json' };
import heart from '../../data/results/words/heart.json' with { type: 'json' };
import hormones from '../../data/results/words/hormones.json' with { type: 'json' };
import inflammation from '../../data/results/words/inflammation.json' with { type: 'json' };
import iron from '../../data/results/words/iron.json' with { type: 'json' };
import kidney from '../../data/results/words/kidney.json' with { type: 'json' };
import lipids from '../../data/results/words/lipids.json' with { type: 'json' };
import liver from '../../data/results/words/liver.json' with { type: 'json' };
import thyroid from '../../data/results/words/thyroid.json' with { type: 'json' };
import tumourMarkers from '../../data/results/words/tumour-markers.json' with { type: 'json' };
import urine from '../../data/results/words/urine.json' with { type: 'json' };
import vitalSigns from '../../data/results/words/vital-signs.json' with { type: 'json' };
import vitamins from '../../data/results/words/vitamins.json' with { type: 'json' };
import { resultGroups } from './analytes.ts';
import { changeWords } from './change-words.ts';
import type { Flag, Interpretation } from './interpret.ts';
import { readableUnit } from './trend.ts';
import type { Locale, Words } from './words.ts';

/** A result in plain words, one script. */
export interface PlainWords {
  title: string;
  /** What is measured. */
  measures: string;
  /** What this result means; a sentence that decides nothing if there is no range. */
  meaning: string;
  /** What is usual, with the range and whose it is; absent without a range. */
  usual?: string;
  /** Compared with the patient's own earlier results; absent with fewer than three. */
  change?: string;
  /** Questions for the clinician. */
  ask: readonly string[];
  /** Where the facts come from. */
  source: string;
}

interface Entry {
  page?: string;
  measures: Words;
  high: Words;
  low: Words;
}

const files = [
  bloodGas,
  blood,
  bone,
  clotting,
  diabetes,
  electrolytes,
  heart,
  hormones,
  inflammation,
  iron,
  kidney,
  lipids,
  liver,
  thyroid,
  tumourMarkers,
  urine,
  vitalSigns,
  vitamins,
] as { words: Record<string, Entry> }[];

const entries = new Map<string, Entry>(files.flatMap((file) => Object.entries(file.words)));
const asks = new Map(resultGroups().map((group) => [group.key, group.ask]));

const NORMAL: Words = {
  en: 'Your result is within the usual range.',
  'zh-Hant': '你的結果在一般範圍內。',
  'zh-Hans': '您的结果在一般范围内。',
};
const UNDECIDED: Words = {
  en: 'There is no range to compare this result with. Your clinician can tell you what it means for you.',
  'zh-Hant': '這項結果沒有可供比較的範圍，醫護人員可向你解釋當中的意思。',
  'zh-Hans': '这项结果没有可供比较的范围，医护人员可向您解释其中的意思。',
};
const ABOVE: Words = {
  en: 'Your result is above the usual range.',
  'zh-Hant': '你的結果高於一般範圍。',
  'zh-Hans': '您的结果高于一般范围。',
};
const BELOW: Words = {
  en: 'Your result is below the usual range.',
  'zh-Hant': '你的結果低於一般範圍。',
  'zh-Hans': '您的结果低于一般范围。',
};
const URGENT: Words = {
  en: 'A result like this is acted on quickly. If nobody has spoken with you yet, or if you feel unwell, contact your care team now.',
  'zh-Hant': '這類結果須盡快處理。如未有人與你聯絡，或你感到不適，請立即聯絡醫護人員。',
  'zh-Hans': '这类结果须尽快处理。如果还没有人与您联系，或您感到不适，请立即联系医护人员。',
};
const ONE_IN_TWENTY: Words = {
  en: 'About one healthy person in twenty has a result a little outside the range.',
  'zh-Hant': '每二十個健康的人，約有一個的結果會稍為超出範圍。',
  'zh-Hans': '每二十个健康的人，约有一个的结果会稍微超出范围。',
};

/** Groups whose ranges hold 95 % of healthy people; others (lipids, glucose, markers) go by decision limits. */
const POPULATION_GROUPS: ReadonlySet<string> = new Set([
  'blood',
  'electrolytes',
  'liver',
  'bone',
  'thyroid',
  'hormones',
  'clotting',
  'vitamins',
  'inflammation',
]);

/** Keys of the analytes that have words. */
export function analytesWithWords(): string[] {
  return [...entries.keys()];
}

/**
 * The result explained to the patient, calmly and without a diagnosis; undefined for what the tables do not know. The
 * sentences are our own; MedlinePlus Medical Tests (U.S. National Library of Medicine) is the source of the facts.
 */
export function plainWords(result: Interpretation, locale: Locale): PlainWords | undefined {
  const key = result.analyte?.key;
  const entry = key === undefined ? undefined : entries.get(key);
  if (!result.analyte || !entry) return undefined;
  const usual = usualWords(result, locale);
  const change = changeWords(result, locale);
  return {
    title: result.analyte.name[locale],
    measures: entry.measures[locale],
    meaning: meaning(entry, result.flag, POPULATION_GROUPS.has(result.analyte.group))
      .map((part) => part[locale])
      .join(locale === 'en' ? ' ' : ''),
    ...(usual !== undefined && { usual }),
    ...(change !== undefined && { change }),
    ask: (asks.get(result.analyte.group) ?? []).map((question) => question[locale]),
    source: entry.page
      ? `MedlinePlus Medical Tests, https://medlineplus.gov/lab-tests/${entry.page}/`
      : 'MedlinePlus, U.S. National Library of Medicine',
  };
}

function meaning(entry: Entry, flag: Flag | undefined, population: boolean): Words[] {
  const odds = population ? [ONE_IN_TWENTY] : [];
  switch (flag) {
    case 'N':
      return [NORMAL];
    case 'H':
      return [ABOVE, entry.high, ...odds];
    case 'L':
      return [BELOW, entry.low, ...odds];
    case 'HH':
      return [ABOVE, URGENT, entry.high];
    case 'LL':
      return [BELOW, URGENT, entry.low];
    default:
      return [UNDECIDED];
  }
}

function usualWords({ range }: Interpretation, locale: Locale): string | undefined {
  if (!range || (range.low === undefined && range.high === undefined)) return undefined;
  const { low, high } = range;
  const unit = readableUnit(range.unit);
  const figure = (value: number | string) => `${value}${unit && ` ${unit}`}`;
  const chinese = locale !== 'en';
  const span =
    low !== undefined && high !== undefined
      ? figure(chinese ? `${low} 至 ${high}` : `${low} to ${high}`)
      : low !== undefined
        ? `${figure(low)} ${chinese ? '或以上' : 'or more'}`
        : `${figure(high ?? '')} ${chinese ? '或以下' : 'or less'}`;
  const owner: Words =
    range.basis === 'report'
      ? { en: 'The laboratory gives as usual:', 'zh-Hant': '化驗室的一般範圍：', 'zh-Hans': '实验室的一般范围：' }
      : {
          en: 'A general table gives as usual:',
          'zh-Hant': '一般參考表的範圍：',
          'zh-Hans': '一般参考表的范围：',
        };
  return locale === 'en' ? `${owner.en} ${span}.` : `${owner[locale]}${span}。`;
}
