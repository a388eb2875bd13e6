import { analyteOf, valueIn } from '../analytes.ts';
import type { Measurement } from '../measurement.ts';
import { median } from '../statistics.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Category of chronic kidney disease by GFR and albuminuria. */
export interface KidneyCategory {
  g: 'G1' | 'G2' | 'G3a' | 'G3b' | 'G4' | 'G5';
  /** Absent without a urine result. */
  a?: 'A1' | 'A2' | 'A3';
  /** Absent without a urine result. */
  risk?: 'low' | 'moderate' | 'high' | 'very-high';
}

const RISK: Readonly<
  Record<KidneyCategory['g'], readonly [KidneyCategory['risk'], KidneyCategory['risk'], KidneyCategory['risk']]>
> = {
  G1: ['low', 'moderate', 'high'],
  G2: ['low', 'moderate', 'high'],
  G3a: ['moderate', 'high', 'very-high'],
  G3b: ['high', 'very-high', 'very-high'],
  G4: ['very-high', 'very-high', 'very-high'],
  G5: ['very-high', 'very-high', 'very-high'],
};

/**
 * KDIGO category (KDIGO 2024 CKD guideline, tables 2 to 4): eGFR in mL/min/1.73 m² and urine albumin to creatinine ratio in
 * mg/mmol. A category is not a diagnosis: chronic kidney disease needs the finding for more than three months, and G1
 * and G2 need another sign of kidney damage.
 */
export function kidneyCategory(egfr: number, albuminCreatinineRatio?: number): KidneyCategory {
  const g = egfr >= 90 ? 'G1' : egfr >= 60 ? 'G2' : egfr >= 45 ? 'G3a' : egfr >= 30 ? 'G3b' : egfr >= 15 ? 'G4' : 'G5';
  if (albuminCreatinineRatio === undefined) return { g };
  const column = albuminCreatinineRatio < 3 ? 0 : albuminCreatinineRatio <= 30 ? 1 : 2;
  const risk = RISK[g][column];
  return { g, a: (['A1', 'A2', 'A3'] as const)[column], ...(risk && { risk }) };
}

/** Stage of acute kidney injury by creatinine. */
export interface AcuteKidneyInjury {
  stage: 1 | 2 | 3;
  /** umol/L. */
  current: number;
  /** umol/L: the value that it is compared with. */
  baseline: number;
  basis: 'rise-in-48-hours' | 'lowest-in-7-days' | 'median-of-year';
}

/**
 * Acute kidney injury in the newest of a series of creatinine results (KDIGO 2012 AKI guideline, table 2): a rise of at
 * least 26.5 umol/L within 48 h, or to at least 1.5 times the baseline within 7 days; stage 2 from 2.0 times, stage 3 from
 * 3.0 times or from 353.6 umol/L. Baseline: the lowest of the 7 days before, otherwise the median of 8 to 365 days (NHS
 * England algorithm, 2014). Urine output is not looked at, dialysis not known; undefined: no sign in these results.
 */
export function acuteKidneyInjury(series: readonly Measurement[]): AcuteKidneyInjury | undefined {
  const points = series
    .flatMap((one) => {
      const value = analyteOf(one.loinc)?.key === 'creatinine' && !one.comparator ? valueIn(one, 'umol/L') : undefined;
      const at = Date.parse(one.effective);
      return value === undefined || Number.isNaN(at) ? [] : [{ at, value }];
    })
    .sort((a, b) => a.at - b.at);
  const last = points.at(-1);
  if (!last) return undefined;
  const valuesWithin = (from: number, to: number) =>
    points.filter(({ at }) => at < last.at - from && at >= last.at - to).map(({ value }) => value);
  const week = valuesWithin(0, 7 * DAY);
  const year = valuesWithin(7 * DAY, 365 * DAY);
  const basis = week.length > 0 ? 'lowest-in-7-days' : 'median-of-year';
  const baseline = week.length > 0 ? lowest(week) : median(year);
  const rise = last.value - lowest(valuesWithin(0, 48 * HOUR));
  const ratio = last.value / baseline;
  if (ratio >= 1.5) return { stage: stageOf(ratio, last.value), current: last.value, baseline, basis };
  if (rise < 26.5) return undefined;
  return {
    stage: stageOf(ratio, last.value),
    current: last.value,
    baseline: last.value - rise,
    basis: 'rise-in-48-hours',
  };
}

/** Infinity of an empty list; a spread call would fail on very long ones. */
function lowest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

function stageOf(ratio: number, current: number): 1 | 2 | 3 {
  return ratio >= 3 || current >= 353.6 ? 3 : ratio >= 2 ? 2 : 1;
}

/** Child-Pugh class of a score: A 5 to 6, B 7 to 9, C 10 to 15 points. */
export function childPughClass(score: number): 'A' | 'B' | 'C' {
  return score <= 6 ? 'A' : score <= 9 ? 'B' : 'C';
}
