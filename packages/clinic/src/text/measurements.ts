import type { Span } from './span.ts';

/** A number with a unit that a report states. */
export interface TextMeasurement extends Span {
  /** One value for each dimension, in the order of the text; the two ends of a range; systolic and diastolic. */
  values: number[];
  form: 'single' | 'dimensions' | 'range' | 'blood-pressure';
  /** UCUM code. */
  unit: string;
  comparator?: '<' | '>' | '≤' | '≥' | '~';
  /** The value of an earlier examination: "previously 12 mm", 前次 12 毫米. */
  prior: boolean;
}

/** Units as reports write them, with their UCUM code. */
const UNITS: Readonly<Record<string, string>> = {
  mm: 'mm',
  millimetre: 'mm',
  millimetres: 'mm',
  millimeter: 'mm',
  millimeters: 'mm',
  毫米: 'mm',
  公厘: 'mm',
  cm: 'cm',
  centimetre: 'cm',
  centimetres: 'cm',
  centimeter: 'cm',
  centimeters: 'cm',
  厘米: 'cm',
  釐米: 'cm',
  公分: 'cm',
  ml: 'mL',
  cc: 'mL',
  毫升: 'mL',
  升: 'L',
  kg: 'kg',
  公斤: 'kg',
  千克: 'kg',
  mg: 'mg',
  毫克: 'mg',
  g: 'g',
  克: 'g',
  hu: "[hnsf'U]",
  '%': '%',
  mmhg: 'mm[Hg]',
  毫米汞柱: 'mm[Hg]',
  bpm: '/min',
  '次/分': '/min',
  '°c': 'Cel',
  '℃': 'Cel',
  度: 'Cel',
};

const unitPattern = Object.keys(UNITS)
  .sort((a, b) => b.length - a.length)
  .map((unit) => unit.replaceAll('/', '\\/'))
  .join('|');
const UNIT = `(?:${unitPattern})(?![A-Za-z\\d])`;
const NUMBER = '\\d{1,5}(?:\\.\\d{1,4})?';
const TIMES = '\\s{0,2}(?:x|X|×|\\*|by|乘)\\s{0,2}';
const RANGE = '\\s{0,2}(?:-|–|~|～|to|至|到)\\s{0,2}';
const MEASUREMENT = new RegExp(
  `(?<![\\d.A-Za-z])(?<first>${NUMBER})\\s{0,2}(?:${UNIT})?` +
    `(?:(?<times>${TIMES})(?<second>${NUMBER})\\s{0,2}(?:${UNIT})?(?:${TIMES}(?<third>${NUMBER}))?|` +
    `(?:${RANGE})(?<upper>${NUMBER})|/(?<diastolic>\\d{2,3}))?\\s{0,2}-?(?<unit>${UNIT})`,
  'dgiu',
);
/** Before a range these say that it is two readings, the earlier first: "increased from 8 mm to 12 mm". */
const FROM = /(?:\bfrom|由|從|从)\s*$/i;

const COMPARATORS: readonly (readonly [RegExp, NonNullable<TextMeasurement['comparator']>])[] = [
  [/(?:≤|no more than|not exceeding|up to|at most|不超過|不超过|最大)\s*$/i, '≤'],
  [/(?:≥|at least|no less than|至少|不少於|不少于)\s*$/i, '≥'],
  [/(?:<|＜|less than|under|below|smaller than|小於|小于|不足|少於|少于)\s*$/i, '<'],
  [/(?:>|＞|more than|greater than|over|exceeding|larger than|大於|大于|超過|超过)\s*$/i, '>'],
  [/(?:approximately|approx\.?|about|around|roughly|circa|~|約|约|大約|大约)\s*$/i, '~'],
];
const PRIOR_BEFORE =
  /(?:\b(?:previously|formerly|previous|prior|earlier|compared (?:with|to)|\bvs\.?)\b[^.;]{0,30}|\(\s*was|[年月]前[為为]|[較较]前\s*[(（]|\bfrom|原為?|原来|原來|原约|原約|前次[^。；;]{0,10}|上次[^。；;]{0,10}|之前[^。；;]{0,6}|先前[^。；;]{0,6}|舊片[^。；;]{0,6}|旧片[^。；;]{0,6}|由)\s*(?:approximately|about|約|约|為|为)?\s*$/i;
/** 2024年3月為 5 厘米: a date says when. */
const DATED_BEFORE = /(?:19|20)\d\d年(?:\d{1,2}月)?[為为]\s*$/;
const PRIOR_AFTER =
  /^\s{0,2}(?:previously|on (?:the )?(?:prior|previous|last|earlier)|in (?:the )?(?:prior|previous)|before|(?:\w+ ){1,2}ago|in (?:[A-Z][a-z]{2,8} )?(?:19|20)\d\d)\b/i;

/** The measurements of a text. `36.8度` is a temperature; a degree of an angle must be left to the reader. */
export function measurementsOf(text: string): TextMeasurement[] {
  return [...text.matchAll(MEASUREMENT)].flatMap((match) => measurementOf(text, match));
}

function measurementOf(text: string, match: RegExpExecArray): TextMeasurement[] {
  const { first = '', second, third, upper, diastolic, unit: written = '', times } = match.groups ?? {};
  const unit = UNITS[written.toLowerCase()];
  if (unit === undefined || (diastolic !== undefined && unit !== 'mm[Hg]')) return [];
  const start = match.index;
  const end = start + match[0].length;
  const before = text.slice(Math.max(0, start - 20), start);
  const [firstAt, upperAt] = [match.indices?.groups?.first, match.indices?.groups?.upper];
  if (upper !== undefined && FROM.test(before) && firstAt && upperAt) {
    return [
      { start, end: firstAt[1], values: [Number(first)], form: 'single', unit, prior: true },
      { start: upperAt[0], end, values: [Number(upper)], form: 'single', unit, prior: false },
    ];
  }
  const comparator = COMPARATORS.find(([pattern]) => pattern.test(before))?.[1];
  const values = [first, second, third, upper, diastolic].filter((one) => one !== undefined).map(Number);
  const form =
    times !== undefined
      ? 'dimensions'
      : upper !== undefined
        ? 'range'
        : diastolic !== undefined
          ? 'blood-pressure'
          : 'single';
  return [{ start, end, values, form, unit, ...(comparator && { comparator }), prior: isPrior(text, start, end) }];
}

function isPrior(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 60), start);
  // what is said of the number before this one is not said of this one
  const sinceNumber = before.slice(before.search(/\d\D*$/) + 1);
  return PRIOR_BEFORE.test(sinceNumber) || DATED_BEFORE.test(before) || PRIOR_AFTER.test(text.slice(end, end + 40));
}
