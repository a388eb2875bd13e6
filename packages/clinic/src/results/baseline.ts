import variationTable from '../../data/results/biological-variation.json' with { type: 'json' };
import { analyteOf, valueIn } from './analytes.ts';
import type { Measurement } from './measurement.ts';
import { median, medianAbsoluteDeviation } from './statistics.ts';

/** How a result compares with what is usual for this patient. */
export interface BaselineComparison {
  /** UCUM unit of every figure here. */
  unit: string;
  /** Earlier results used, newest first, at most `BASELINE_RESULTS`. */
  count: number;
  median: number;
  /** Robust standard deviation of the earlier results (MAD × 1.4826). */
  spread: number;
  /** Difference from the median in per cent of it. */
  change: number;
  /** Reference change values in per cent, where the biological variation is known. */
  referenceChange?: { up: number; down: number; source: string };
  /** The change is larger than the reference change value, or (where none is known) than three spreads of five or more. */
  beyondUsual: boolean;
}

/** Analytical variation in per cent per analyte, where the laboratory states its own. */
export type AnalyticalVariation = Readonly<Record<string, number>>;

const BASELINE_RESULTS = 10;
const LEAST_RESULTS = 3;
/** The spread of fewer results says nothing. */
const LEAST_FOR_SPREAD = 5;
const within: Readonly<Record<string, number>> = variationTable.cvi;

/**
 * Reference change values with 95 % probability, two-sided, on the log-normal scale (Fokkema MR et al. Clin Chem
 * 2006;52:1602-1603): σ² = ln(1 + CVa²) + ln(1 + CVi²), limits exp(±1.96 √2 σ) − 1. Analytical variation defaults to half
 * of the within-subject variation, the desirable specification (Fraser CG et al. Ann Clin Biochem 1997;34:8-12).
 */
export function referenceChange(analyteKey: string, analytical?: number): { up: number; down: number } | undefined {
  const cvi = within[analyteKey];
  if (cvi === undefined) return undefined;
  const log = (percent: number) => Math.log(1 + (percent / 100) ** 2);
  const sigma = Math.sqrt(log(cvi) + log(analytical ?? cvi / 2));
  const reach = 1.96 * Math.SQRT2 * sigma;
  return { up: 100 * (Math.exp(reach) - 1), down: 100 * (Math.exp(-reach) - 1) };
}

/** Compares a result with the patient's own earlier ones of the same analyte; undefined with fewer than three. */
export function compareWithBaseline(
  measurement: Measurement,
  earlier: readonly Measurement[],
  analytical: AnalyticalVariation = {},
): BaselineComparison | undefined {
  const known = analyteOf(measurement.loinc);
  const now = known && valueIn(measurement, known.unit);
  if (!known || now === undefined || measurement.comparator) return undefined;
  const then = Date.parse(measurement.effective);
  const values = earlier
    .filter((one) => !one.comparator && analyteOf(one.loinc)?.key === known.key)
    .map((one) => ({ one, at: Date.parse(one.effective) }))
    .filter(({ at }) => at < then)
    .sort((a, b) => b.at - a.at)
    .slice(0, BASELINE_RESULTS)
    .map(({ one }) => valueIn(one, known.unit))
    .filter((value) => value !== undefined);
  const centre = median(values);
  if (values.length < LEAST_RESULTS || centre === 0) return undefined;
  const spread = medianAbsoluteDeviation(values);
  const change = (100 * (now - centre)) / Math.abs(centre);
  const limits = referenceChange(known.key, analytical[known.key]);
  const beyondUsual = limits
    ? change > limits.up || change < limits.down
    : values.length >= LEAST_FOR_SPREAD && spread > 0 && Math.abs(now - centre) > 3 * spread;
  return {
    unit: known.unit,
    count: values.length,
    median: centre,
    spread,
    change,
    ...(limits && { referenceChange: { ...limits, source: variationTable.source } }),
    beyondUsual,
  };
}
