import analyteTable from '../../data/results/analytes.json' with { type: 'json' };
import groupTable from '../../data/results/groups.json' with { type: 'json' };
import sourceTable from '../../data/results/sources.json' with { type: 'json' };
import type { Measurement } from './measurement.ts';
import { convertUnit } from './units.ts';
import type { Words } from './words.ts';

/** Something that laboratories measure, whatever the unit or the method. */
export interface Analyte {
  key: string;
  /** UCUM unit of this system's own tables and trends. */
  unit: string;
  /** Decimal places worth showing in that unit. */
  digits: number;
  /** g/mol. */
  molarMass?: number;
  group: string;
  name: Words;
  /** LOINC codes. */
  loinc: readonly string[];
}

interface AnalyteRow {
  unit: string;
  digits: number;
  molarMass?: number;
  group: string;
  loinc: (string | number)[][];
  name: Words;
}

const rows = Object.entries(analyteTable.analytes as Record<string, AnalyteRow>);

const analytes = new Map<string, Analyte>(
  rows.map(([key, row]) => [key, { ...row, key, loinc: row.loinc.map(([code]) => String(code)) }]),
);

const byLoinc = new Map<string, { analyte: Analyte; molarMass: number | undefined }>(
  rows.flatMap(([key, row]) =>
    row.loinc.map(([code, own]) => [
      String(code),
      { analyte: analytes.get(key) as Analyte, molarMass: typeof own === 'number' ? own : row.molarMass },
    ]),
  ),
);

const groups = new Map(Object.entries(groupTable.groups as Record<string, { name: Words; ask: Words[] }>));

/** The analyte by its key, such as `creatinine`. */
export function analyte(key: string): Analyte | undefined {
  return analytes.get(key);
}

/** The analyte that a LOINC code measures. */
export function analyteOf(loinc: string): Analyte | undefined {
  return byLoinc.get(loinc)?.analyte;
}

/** Every analyte of the tables. */
export function allAnalytes(): Analyte[] {
  return [...analytes.values()];
}

/** The group of results that belong together on a report, in the report's order. */
export function resultGroups(): { key: string; name: Words; ask: readonly Words[] }[] {
  return [...groups].map(([key, { name, ask }]) => ({ key, name, ask }));
}

/** The full citation of a source key of the tables. */
export function citation(source: string): string {
  return (sourceTable.sources as Record<string, string>)[source] ?? source;
}

/**
 * The measurement's value in a unit, with the molar mass of its analyte; undefined where that is impossible.
 *
 * HbA1c in mmol/mol (IFCC) is not HbA1c in % (NGSP) in another unit, though UCUM calls both pure numbers: the two
 * reference systems are joined by the master equation NGSP = 0.09148 × IFCC + 2.152 (Hoelzel W et al. Clin Chem
 * 2004;50:166-174).
 */
export function valueIn(measurement: Pick<Measurement, 'loinc' | 'value' | 'unit'>, unit: string): number | undefined {
  const known = byLoinc.get(measurement.loinc);
  if (known?.analyte.key === 'hba1c') return haemoglobinA1c(measurement.value, measurement.unit, unit);
  return convertUnit(measurement.value, measurement.unit, unit, known?.molarMass);
}

function haemoglobinA1c(value: number, from: string, to: string): number | undefined {
  const ifcc = (unit: string) => unit === 'mmol/mol';
  if (ifcc(from) === ifcc(to)) return convertUnit(value, from, to);
  if (ifcc(from)) return convertUnit(0.09148 * value + 2.152, '%', to);
  const percent = convertUnit(value, from, '%');
  return percent === undefined ? undefined : (percent - 2.152) / 0.09148;
}
