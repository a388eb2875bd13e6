import { describe, expect, it } from 'vitest';
import variation from '../../data/results/biological-variation.json' with { type: 'json' };
import critical from '../../data/results/critical-limits.json' with { type: 'json' };
import delta from '../../data/results/delta-limits.json' with { type: 'json' };
import ranges from '../../data/results/ranges.json' with { type: 'json' };
import sources from '../../data/results/sources.json' with { type: 'json' };
import { allAnalytes, analyte, resultGroups } from './analytes.ts';
import { referenceRange } from './reference-range.ts';
import { measure } from './testing/measure.ts';
import { convertUnit } from './units.ts';

interface Row {
  analyte: string;
  low?: number;
  high?: number;
  unit?: string;
  source: string;
  sex?: string;
  ageFrom?: number;
  ageTo?: number;
  trimester?: number;
}

const limits: readonly Row[] = [...(ranges.ranges as Row[]), ...(critical.limits as Row[])];

describe('the tables', () => {
  it('name known analytes and cited sources', () => {
    const rows: readonly Row[] = [...limits, ...delta.limits];
    for (const row of rows) {
      expect(analyte(row.analyte), row.analyte).toBeDefined();
      expect(Object.keys(sources.sources)).toContain(row.source);
    }
    const used = new Set([...rows.map((row) => row.source), variation.source]);
    expect(Object.keys(sources.sources).filter((key) => !used.has(key))).toEqual([]);
    for (const key of Object.keys(variation.cvi)) expect(analyte(key), key).toBeDefined();
  });

  it('have limits in order, in units that their analyte can be shown in', () => {
    for (const { analyte: key, low, high, unit = '' } of limits) {
      expect(low ?? high).toBeDefined();
      if (low !== undefined && high !== undefined) expect(low).toBeLessThan(high);
      const known = analyte(key);
      expect(convertUnit(1, unit, known?.unit ?? '', known?.molarMass), `${key} in ${unit}`).toBeGreaterThan(0);
    }
  });

  it('leave no age with two ranges for one sex', () => {
    const groups = Map.groupBy(
      (ranges.ranges as Row[]).filter((row) => row.trimester === undefined),
      (row) => row.analyte,
    );
    for (const [key, rows] of groups) {
      for (const sex of ['female', 'male']) {
        for (const age of [0, 0.01, 0.5, 1, 3, 10, 15.5, 17.99, 18, 30, 49.9, 50, 69, 90]) {
          const fitting = rows.filter(
            (row) =>
              (row.sex ?? sex) === sex && age >= (row.ageFrom ?? 0) && age < (row.ageTo ?? Number.POSITIVE_INFINITY),
          );
          expect(fitting.length, `${key}, ${sex}, ${age} years`).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  it('keep critical limits outside the adult ranges', () => {
    for (const row of critical.limits as Row[]) {
      const known = analyte(row.analyte);
      const patient = { sex: 'female', birthDate: '1990-01-01' } as const;
      const range = known && referenceRange(measure(known.loinc[0] ?? '', 1, known.unit), patient);
      const inRangeUnit = (value: number) => range && convertUnit(value, row.unit ?? '', range.unit, known?.molarMass);
      if (row.low !== undefined && range?.low !== undefined) expect(inRangeUnit(row.low)).toBeLessThan(range.low);
      if (row.high !== undefined && range?.high !== undefined)
        expect(inRangeUnit(row.high)).toBeGreaterThan(range.high);
    }
  });

  it('group every analyte and give no LOINC code twice', () => {
    const groups = new Set(resultGroups().map((group) => group.key));
    for (const one of allAnalytes()) expect(groups, one.key).toContain(one.group);
    const codes = allAnalytes().flatMap((one) => one.loinc);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(hasLoincCheckDigit(code), code).toBe(true);
  });
});

/** LOINC's check digit is the modulus 10 of Luhn over the digits before the hyphen (LOINC Users' Guide, appendix). */
function hasLoincCheckDigit(code: string): boolean {
  const [body = '', check] = code.split('-');
  const sum = [...body].reverse().reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return String((10 - (sum % 10)) % 10) === check;
}
