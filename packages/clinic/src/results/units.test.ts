import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allAnalytes, valueIn } from './analytes.ts';
import { convertUnit } from './units.ts';

describe('convertUnit', () => {
  it.each([
    // conventional and SI units as in the AMA Manual of Style, conversion table
    [1, 'mg/dL', 'umol/L', 113.12, 88.4],
    [100, 'mg/dL', 'mmol/L', 180.156, 5.55],
    [200, 'mg/dL', 'mmol/L', 386.65, 5.17],
    [150, 'mg/dL', 'mmol/L', 885.4, 1.69],
    [10, 'mg/dL', 'mmol/L', 40.078, 2.5],
    [1, 'mg/dL', 'umol/L', 584.66, 17.1],
    [20, 'mg/dL', 'mmol/L', 28.0134, 7.14],
    [30, 'ng/mL', 'nmol/L', 400.64, 74.9],
    [1.2, 'ng/dL', 'pmol/L', 776.87, 15.4],
    [30, 'mg/g', 'mg/mmol', 113.12, 3.39],
  ])('%d %s is in %s with a molar mass of %d: %d', (value, from, to, mass, expected) => {
    const result = convertUnit(value, from, to, mass) as number;
    expect(Number(result.toPrecision(3))).toBe(expected);
  });

  it.each([
    [98.6, '[degF]', 'Cel', 37],
    [150, '10*3/uL', '10*9/L', 150],
    [45, '%', '1', 0.45],
    [1, 'g/dL', 'g/L', 10],
    [2, 'u[IU]/mL', 'm[IU]/L', 2],
    [7.5, 'kPa', 'mm[Hg]', 56.254782],
    [500, 'ug/L', 'ng/mL', 500],
  ])('%d %s is in %s: %d', (value, from, to, expected) => {
    expect(convertUnit(value, from, to)).toBeCloseTo(expected, 5);
  });

  it.each([
    ['mg/dL', 'mmol/L', undefined],
    ['mg/dL', 'kPa', 100],
    ['U/L', '[IU]/L', undefined],
    ['nonsense', 'g/L', 100],
    ['', 'g/L', 100],
    ['g'.repeat(1_000_000), 'g/L', 100],
    ['g/L', 'mol2/L', 100],
  ])('%s is not %s', (from, to, mass) => {
    expect(convertUnit(1, from, to, mass)).toBeUndefined();
  });

  it('gives nothing for what is not a number', () => {
    expect(convertUnit(Number.NaN, 'g', 'g')).toBeUndefined();
    expect(convertUnit(Number.POSITIVE_INFINITY, 'g', 'mg')).toBeUndefined();
  });

  it('comes back to where it started', () => {
    const pairs = [
      ['mg/dL', 'mmol/L'],
      ['g/dL', 'umol/L'],
      ['[degF]', 'Cel'],
      ['mg/g', 'mg/mmol'],
      ['m[IU]/L', '[IU]/mL'],
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...pairs),
        fc.double({ min: 0.001, max: 1e5, noNaN: true }),
        fc.double({ min: 10, max: 5e4, noNaN: true }),
        ([from, to], value, mass) => {
          const there = convertUnit(value, from, to, mass) as number;
          const back = convertUnit(there, to, from, mass) as number;
          expect(Math.abs(back - value)).toBeLessThan(1e-6 * Math.max(1, value));
        },
      ),
    );
  });
});

describe('the conversion cases of UCUM (UcumFunctionalTests.xml, ucum-org)', () => {
  it.each([
    ['3-102', 6.3, 'mm', 'm', 0.0063],
    ['3-103', 6.3, 'mm', 'cm', 0.63],
    ['3-104', 6.3, 's.m-1', 's/m', 6.3],
    ['3-105', 6.3, 's.mm-1', 's.m-1', 6300],
    ['3-106', 6.3, 's.mm-2', 's.m-2', 6300000],
    ['3-108', 6.3, 's/m/g', 's.m-1.g-1', 6.3],
    ['3-109', 6.3, 'ms/m/g', 's.m-1.g-1', 0.0063],
    ['3-111', 6.3, 's/m/mg', 's.m-1.g-1', 6300],
    ['3-111a', 6.3, 's/m.mg', 's.m-1.g', 0.0063],
    ['3-112', 6.3, 'ms/m', 's/m', 0.0063],
    ['3-114', 6.3, '4.s/m', 's/m', 25.2],
    ['3-116', 6.3, 's/mm', 's/m', 6300],
    ['3-118', 6.3, '[in_i]', 'm', 0.16002],
    ['3-120', 6.3, 'g.m.s-2.A-2', 'g.m.C-2', 6.3],
    ['3-121', 1, '10*-7.s', 's', 1e-7],
    ['3-122', 1, '4.[pi].10*-7.s', 's', 1.2566370614e-6],
    ['3-125', 1, 'm[Hg]', 'g.s-2.m-1', 133322000],
    ['3-126', 1, 'S', 'g-1.m-2.C2.s', 0.001],
    ['3-127', 1, '[ly]', 'cm', 946073047258080000],
    ['3-129', 1.2, 'g.m', 'm.g', 1.2],
  ])('%s: %d %s', (_id, value, from, to, expected) => {
    expect((convertUnit(value, from, to) as number) / expected).toBeCloseTo(1, 8);
  });
});

describe('valueIn', () => {
  it('joins NGSP and IFCC by the published table', () => {
    // Hoelzel 2004 and the consensus statement: 42, 48, 53, 64, 75, 86 mmol/mol
    const pairs = [
      [6.0, 42],
      [6.5, 48],
      [7.0, 53],
      [8.0, 64],
      [9.0, 75],
      [10.0, 86],
    ] as const;
    for (const [ngsp, ifcc] of pairs) {
      const percent = valueIn({ loinc: '59261-8', value: ifcc, unit: 'mmol/mol' }, '%') as number;
      expect(Number(percent.toFixed(1))).toBe(ngsp);
      expect(Math.round(valueIn({ loinc: '4548-4', value: ngsp, unit: '%' }, 'mmol/mol') as number)).toBe(ifcc);
    }
  });

  it('knows that urea nitrogen is a part of urea', () => {
    expect(valueIn({ loinc: '3094-0', value: 14, unit: 'mg/dL' }, 'mmol/L')).toBeCloseTo(4.998, 2);
    expect(valueIn({ loinc: '3091-6', value: 30, unit: 'mg/dL' }, 'mmol/L')).toBeCloseTo(4.995, 2);
  });

  it('can convert the own unit of every analyte to itself', () => {
    for (const { loinc, unit } of allAnalytes()) {
      for (const code of loinc) expect(valueIn({ loinc: code, value: 1, unit }, unit)).toBe(1);
    }
  });
});
