import type { Icd11Code } from '../tcm/icd11.ts';
import { type ChineseMedicineNames, chineseMedicineNames, chineseMedicineOf } from './chinese-medicine.ts';
import type { ChineseMedicineFact } from './chinese-medicine-fact.ts';
import { type DateOrder, datesOf, type TextDate } from './dates.ts';
import { findingsOf, type TextFinding, type TextSite } from './findings.ts';
import { type FollowUp, followUpsOf } from './follow-up.ts';
import { measurementsOf, type TextMeasurement } from './measurements.ts';
import { type Section, sectionsOf } from './sections.ts';
import { sentencesOf } from './sentences.ts';
import { overlaps, type Span, TextTooLongError } from './span.ts';
import { type Token, tokenize } from './tokens.ts';

/** Longest text that is read, in UTF-16 units; some 60 pages. */
export const LONGEST_TEXT = 200_000;

/** What a free-text report says; every fact points at its characters in `text`. Nothing here is a record before a person says so. */
export interface ReadReport {
  text: string;
  sections: Section[];
  findings: TextFinding[];
  sites: TextSite[];
  measurements: TextMeasurement[];
  dates: TextDate[];
  followUps: FollowUp[];
  chineseMedicine: ChineseMedicineFact[];
}

export interface ReadOptions {
  /** How `5/3/2024` is meant; day first when not given. */
  dateOrder?: DateOrder;
  /** Patterns to look for beside the built-in ones: what `loadIcd11Table` gives, with Chinese names. */
  patterns?: ReadonlyMap<string, Icd11Code>;
}

let builtInNames: ChineseMedicineNames | undefined;

/**
 * Reads a radiology, pathology or discharge report or a note of Chinese medicine, in English, Chinese of either script, or both.
 *
 * Throws a {@link TextTooLongError} for more than {@link LONGEST_TEXT} characters.
 *
 * @example
 * const { findings } = readReport('No pleural effusion. 不排除肺炎。');
 * findings.map(({ concept, negated, uncertain }) => [concept.id, negated, uncertain]);
 * // [['pleural-effusion', true, false], ['pneumonia', false, true]]
 */
export function readReport(text: string, { dateOrder = 'day-month', patterns }: ReadOptions = {}): ReadReport {
  if (text.length > LONGEST_TEXT) {
    throw new TextTooLongError(`Give a report of at most ${LONGEST_TEXT} characters, or its parts one by one.`);
  }
  builtInNames ??= chineseMedicineNames();
  const names = patterns ? chineseMedicineNames(patterns) : builtInNames;
  const tokens = tokenize(text);
  const sections = sectionsOf(text, tokens);
  const aboutTongue = tokens.some((token) => token.text === 'tongue');
  const report: ReadReport = {
    ...{ text, sections, findings: [], sites: [], followUps: [], chineseMedicine: [] },
    measurements: measurementsOf(text),
    dates: datesOf(text, dateOrder),
  };
  for (const sentence of sentencesOf(text, tokens)) {
    const { findings, sites } = findingsOf(tokens, sentence, sections);
    const chinese = chineseMedicineOf(text, tokens, sentence, names, aboutTongue);
    const apart = (one: Span) => !chinese.some((fact) => overlaps(fact, one));
    report.chineseMedicine.push(...chinese);
    report.findings.push(...findings.filter(apart));
    report.sites.push(...sites.filter(apart));
    report.followUps.push(...followUpsOf(text, spanOf(tokens, sentence.from, sentence.to)));
  }
  return report;
}

function spanOf(tokens: readonly Token[], from: number, to: number): Span {
  return { start: tokens[from]?.start ?? 0, end: tokens[to - 1]?.end ?? 0 };
}
