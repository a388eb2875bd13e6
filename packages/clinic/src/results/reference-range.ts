import rangeTable from '../../data/results/ranges.json' with { type: 'json' };
import { analyteOf, valueIn } from './analytes.ts';
import { ageAt, type Limits, type Measurement, type PatientFacts, type Sex } from './measurement.ts';

/** A range and where it comes from. */
export interface ReferenceRange extends Limits {
  basis: 'report' | 'table';
  /** `report`, or the key of a source (see `citation`). */
  source: string;
}

interface RangeRow {
  analyte: string;
  low?: number;
  high?: number;
  unit: string;
  source: string;
  sex?: Sex;
  ageFrom?: number;
  ageTo?: number;
  trimester?: number;
}

const byAnalyte = Map.groupBy(rangeTable.ranges as RangeRow[], (row) => row.analyte);

/**
 * The range that applies: the report's own, since it belongs to the method that measured; otherwise the table's row for
 * age, sex and trimester. No row fits: undefined, because a wrong range is worse than none. A row that depends on
 * something unknown (sex, age) does not fit. In pregnancy a trimester's row stands before the others.
 */
export function referenceRange(measurement: Measurement, patient: PatientFacts): ReferenceRange | undefined {
  if (measurement.range && (measurement.range.low !== undefined || measurement.range.high !== undefined)) {
    return { ...measurement.range, basis: 'report', source: 'report' };
  }
  const key = analyteOf(measurement.loinc)?.key;
  const rows = key === undefined ? undefined : byAnalyte.get(key);
  const row = rows && bestRow(rows, patient, ageAt(patient.birthDate, measurement.effective));
  if (!row) return undefined;
  const { low, high, unit, source } = row;
  return {
    ...(low !== undefined && { low }),
    ...(high !== undefined && { high }),
    unit,
    basis: 'table',
    source,
  };
}

function bestRow(rows: readonly RangeRow[], patient: PatientFacts, age: number | undefined): RangeRow | undefined {
  const fitting = rows.filter((row) => fits(row, patient, age));
  return fitting.find((row) => row.trimester !== undefined) ?? fitting[0];
}

function fits(row: RangeRow, patient: PatientFacts, age: number | undefined): boolean {
  if (row.trimester !== undefined && row.trimester !== patient.pregnancy?.trimester) return false;
  if (row.sex !== undefined && row.sex !== patient.sex) return false;
  if (row.ageFrom === undefined && row.ageTo === undefined) return true;
  return age !== undefined && age >= (row.ageFrom ?? 0) && age < (row.ageTo ?? Number.POSITIVE_INFINITY);
}

/** Where a result lies beside limits; undefined when its comparator or unit leaves that open. */
export function position(measurement: Measurement, limits: Limits): 'below' | 'within' | 'above' | undefined {
  const value = valueIn(measurement, limits.unit);
  if (value === undefined) return undefined;
  const low = limits.low ?? Number.NEGATIVE_INFINITY;
  const high = limits.high ?? Number.POSITIVE_INFINITY;
  switch (measurement.comparator) {
    case '<':
    case '<=':
      if (value < low || (value === low && measurement.comparator === '<')) return 'below';
      return limits.low === undefined && value <= high ? 'within' : undefined;
    case '>':
    case '>=':
      if (value > high || (value === high && measurement.comparator === '>')) return 'above';
      return limits.high === undefined && value >= low ? 'within' : undefined;
    default:
      return value < low ? 'below' : value > high ? 'above' : 'within';
  }
}
