import { type Analyte, analyteOf, valueIn } from './analytes.ts';
import { instant, type Measurement } from './measurement.ts';
import { mannKendall, theilSen } from './statistics.ts';
import type { Words } from './words.ts';

/** How a series of results of one analyte moves over time. */
export interface Trend {
  analyte: string;
  /** UCUM unit of the slope, per year. */
  unit: string;
  count: number;
  from: string;
  to: string;
  slopePerYear: number;
  /** Two-sided p of the Mann-Kendall test. */
  p: number;
  direction: 'rising' | 'falling' | 'steady';
  words: Words;
}

const YEAR = 365.25 * 86_400_000;
/** The newest this many are looked at: the pairs grow with the square. */
const LONGEST_SERIES = 200;
const LEAST_POINTS = 5;

/** The error of a series that cannot be one trend. */
export class TrendError extends Error {
  override name = 'TrendError';
}

/**
 * The Theil-Sen slope per year with its Mann-Kendall significance; undefined for fewer than five usable results (with four
 * no order of values is significant at 5 %). `rising` and `falling` mean p < `alpha` (default 0.05). Results with a
 * comparator are left out, as they have no value.
 *
 * @throws TrendError if the series mixes analytes, or holds a LOINC code that the tables do not know.
 */
export function trend(series: readonly Measurement[], alpha = 0.05): Trend | undefined {
  const known = oneAnalyte(series);
  if (!known) return undefined;
  const points = series
    .flatMap((one) => {
      const x = instant(one.effective);
      const y = one.comparator ? undefined : valueIn(one, known.unit);
      return x === undefined || y === undefined ? [] : [{ x: x / YEAR, y, at: one.effective }];
    })
    .sort((a, b) => a.x - b.x)
    .slice(-LONGEST_SERIES);
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < LEAST_POINTS || first.x === last.x) return undefined;
  const slopePerYear = theilSen(points);
  const { p, s } = mannKendall(points.map((point) => point.y));
  const moving = p < alpha && slopePerYear !== 0 && Math.sign(slopePerYear) === Math.sign(s);
  const direction = !moving ? 'steady' : slopePerYear > 0 ? 'rising' : 'falling';
  return {
    analyte: known.key,
    unit: known.unit,
    count: points.length,
    from: first.at,
    to: last.at,
    slopePerYear,
    p,
    direction,
    words: trendWords(known, direction, slopePerYear, points.length),
  };
}

function oneAnalyte(series: readonly Measurement[]): Analyte | undefined {
  const keys = new Set(series.map((one) => analyteOf(one.loinc)?.key));
  if (keys.has(undefined)) throw new TrendError('A trend needs LOINC codes that the analyte table knows.');
  if (keys.size > 1) throw new TrendError('A trend needs results of one analyte; group them by analyte first.');
  return series[0] && analyteOf(series[0].loinc);
}

function trendWords(known: Analyte, direction: Trend['direction'], slope: number, count: number): Words {
  const amount = Math.abs(slope);
  const digits = amount > 0 && amount < 1 ? Math.min(4, known.digits + 1) : known.digits;
  const figure = `${amount.toFixed(digits)} ${readableUnit(known.unit)}`;
  if (direction === 'steady') {
    return {
      en: `No clear change over ${count} results.`,
      'zh-Hant': `${count} 次結果沒有明顯變化。`,
      'zh-Hans': `${count} 次结果没有明显变化。`,
    };
  }
  const rising = direction === 'rising';
  return {
    en: `${rising ? 'Rising' : 'Falling'} by about ${figure} a year, over ${count} results.`,
    'zh-Hant': `${count} 次結果顯示每年約${rising ? '上升' : '下降'} ${figure}。`,
    'zh-Hans': `${count} 次结果显示每年约${rising ? '上升' : '下降'} ${figure}。`,
  };
}

/** A UCUM unit as people write it. */
export function readableUnit(unit: string): string {
  return unit
    .replace('mL/min/{1.73_m2}', 'mL/min/1.73 m²')
    .replace(/\{[^}]*\}/g, '')
    .replace(/10\*(\d+)/g, (_, power: string) => `×10${superscript(power)}`)
    .replace('mm[Hg]', 'mmHg')
    .replace('Cel', '°C')
    .replace(/\[(IU|iU)\]/, 'IU')
    .replace('[pH]', '')
    .replace(/^u/, 'µ')
    .replace(/m2$/, 'm²')
    .replace(/^1$/, '');
}

function superscript(digits: string): string {
  return digits.replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] as string);
}
