import criticalTable from '../../data/results/critical-limits.json' with { type: 'json' };
import deltaTable from '../../data/results/delta-limits.json' with { type: 'json' };
import { analyteOf, valueIn } from './analytes.ts';
import { ageAt, daysBetween, type Limits, type Measurement, type PatientFacts } from './measurement.ts';
import { position } from './reference-range.ts';

/** A result outside these limits asks for a call to the clinician at once. */
export interface CriticalLimit extends Limits {
  /** Key of the analyte. */
  analyte: string;
  /** Years, inclusive. */
  ageFrom?: number;
  /** Years, exclusive. */
  ageTo?: number;
  /** Source key, or the laboratory's name for its own. */
  source: string;
}

/** A change of more than `percent` of the earlier result within `days` asks for a second look at the sample. */
export interface DeltaLimit {
  analyte: string;
  percent: number;
  days: number;
  source: string;
}

/** A critical limit that a result has passed. */
export interface CriticalFinding {
  side: 'below' | 'above';
  limit: CriticalLimit;
}

/** A change that is larger than the delta limit allows. */
export interface DeltaFinding {
  earlier: Measurement;
  /** Per cent of the earlier result, with its sign. */
  change: number;
  limit: DeltaLimit;
}

const published: readonly CriticalLimit[] = criticalTable.limits as CriticalLimit[];
const publishedDeltas: readonly DeltaLimit[] = deltaTable.limits;

/**
 * The critical limit that the result has passed. The laboratory's own limits (`own`) replace the published ones analyte by
 * analyte: where it has set any for this analyte and age, the published survey is not asked.
 */
export function criticalFinding(
  measurement: Measurement,
  patient: PatientFacts,
  own: readonly CriticalLimit[] = [],
): CriticalFinding | undefined {
  const key = analyteOf(measurement.loinc)?.key;
  if (key === undefined) return undefined;
  const age = ageAt(patient.birthDate, measurement.effective);
  const applies = (limit: CriticalLimit) => limit.analyte === key && coversAge(limit, age);
  const limits = own.some(applies) ? own.filter(applies) : published.filter(applies);
  for (const limit of limits) {
    const side = position(measurement, limit);
    if (side === 'below' || side === 'above') return { side, limit };
  }
  return undefined;
}

/** An unknown age is treated as adult: to miss a critical result is the worse mistake. */
function coversAge(limit: CriticalLimit, age: number | undefined): boolean {
  return age === undefined
    ? limit.ageTo === undefined
    : age >= (limit.ageFrom ?? 0) && age < (limit.ageTo ?? Number.POSITIVE_INFINITY);
}

/** The delta check against the newest earlier result of the same analyte; `earlier` may hold any results, in any order. */
export function deltaFinding(
  measurement: Measurement,
  earlier: readonly Measurement[],
  own: readonly DeltaLimit[] = [],
): DeltaFinding | undefined {
  const key = analyteOf(measurement.loinc)?.key;
  const limit = own.find((one) => one.analyte === key) ?? publishedDeltas.find((one) => one.analyte === key);
  if (!limit || measurement.comparator) return undefined;
  let last: Measurement | undefined;
  for (const one of earlier) {
    if (one.comparator || analyteOf(one.loinc)?.key !== key) continue;
    const days = daysBetween(one.effective, measurement.effective);
    if (days === undefined || days <= 0 || days > limit.days) continue;
    if (!last || Date.parse(one.effective) > Date.parse(last.effective)) last = one;
  }
  const before = last && valueIn(last, measurement.unit);
  const now = measurement.value;
  if (!last || before === undefined || before === 0) return undefined;
  const change = (100 * (now - before)) / Math.abs(before);
  return Math.abs(change) > limit.percent ? { earlier: last, change, limit } : undefined;
}
