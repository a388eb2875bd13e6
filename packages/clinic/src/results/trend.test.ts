import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWithBaseline, referenceChange } from './baseline.ts';
import { mannKendall, median, medianAbsoluteDeviation, theilSen } from './statistics.ts';
import { measure } from './testing/measure.ts';
import { readableUnit, TrendError, trend } from './trend.ts';

const yearly = (loinc: string, unit: string, values: readonly number[]) =>
  values.map((value, year) => measure(loinc, value, unit, { effective: `${2010 + year}-01-01T00:00:00Z` }));

describe('statistics', () => {
  it('gives the exact Kendall probabilities (Kendall 1975, table 1)', () => {
    expect(mannKendall([1, 2, 3, 4]).p).toBeCloseTo(2 * 0.042, 2);
    expect(mannKendall([1, 2, 3, 4, 5]).p).toBeCloseTo(2 * 0.0083, 3);
    expect(mannKendall([5, 4, 3, 2, 1])).toEqual({ s: -10, p: expect.closeTo(2 / 120, 10) });
    // S = 8 with five values: 0.042
    expect(mannKendall([1, 2, 3, 5, 4]).p).toBeCloseTo(2 * 0.042, 2);
  });

  it('approximates with ties and with many values', () => {
    expect(mannKendall([1, 1, 1, 1, 1])).toEqual({ s: 0, p: 1 });
    // n = 12 rising: S = 66, variance 212.67, z = 4.457
    const { s, p } = mannKendall([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(s).toBe(66);
    expect(p).toBeCloseTo(8.3e-6, 6);
  });

  it('has a slope that one wild value does not move', () => {
    const line = [0, 1, 2, 3, 4, 5, 6].map((x) => ({ x, y: 2 * x }));
    expect(theilSen(line)).toBe(2);
    expect(theilSen(line.map((point) => (point.x === 3 ? { x: 3, y: 1000 } : point)))).toBeCloseTo(2, 10);
    expect(median([3, 1, 2, 10])).toBe(2.5);
    expect(medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9])).toBeCloseTo(1.4826, 4);
  });
});

describe('trend', () => {
  it('finds a kidney that slowly loses function, in words', () => {
    const found = trend(yearly('98979-8', 'mL/min/{1.73_m2}', [88, 85, 83, 79, 76, 74, 70]));
    expect(found?.direction).toBe('falling');
    expect(found?.slopePerYear).toBeCloseTo(-3, 1);
    expect(found?.words.en).toBe('Falling by about 3 mL/min/1.73 m² a year, over 7 results.');
    expect(found?.words['zh-Hant']).toContain('下降');
  });

  it('calls noise steady', () => {
    expect(trend(yearly('2951-2', 'mmol/L', [140, 139, 141, 140, 139, 141]))?.direction).toBe('steady');
  });

  it('needs five results of one analyte that it knows', () => {
    expect(trend(yearly('2951-2', 'mmol/L', [140, 141, 142, 143]))).toBeUndefined();
    expect(trend([])).toBeUndefined();
    expect(() => trend([...yearly('2951-2', 'mmol/L', [1, 2]), measure('2823-3', 4, 'mmol/L')])).toThrow(TrendError);
    expect(() => trend([measure('99999-9', 4, 'mmol/L')])).toThrow(TrendError);
  });

  it('is the same in every unit and order, and turns round with the sign of time', () => {
    const values = fc.array(fc.integer({ min: 20, max: 300 }), { minLength: 5, maxLength: 30 });
    fc.assert(
      fc.property(values, (list) => {
        const si = trend(
          yearly(
            '14749-6',
            'mmol/L',
            list.map((v) => v / 18.0156),
          ),
        );
        const mass = trend(yearly('2345-7', 'mg/dL', list).toReversed());
        const turned = trend(yearly('2345-7', 'mg/dL', list.toReversed()));
        expect(mass?.p).toBeCloseTo(si?.p ?? -1, 10);
        expect(mass?.slopePerYear).toBeCloseTo(si?.slopePerYear ?? -1, 6);
        expect(turned?.p).toBeCloseTo(si?.p ?? -1, 10);
      }),
    );
  });

  it('writes units as people do', () => {
    expect(['10*9/L', 'umol/L', 'mm[Hg]', 'm[IU]/L', '{INR}', 'kg/m2', 'Cel'].map(readableUnit)).toEqual([
      '×10⁹/L',
      'µmol/L',
      'mmHg',
      'mIU/L',
      '',
      'kg/m²',
      '°C',
    ]);
  });
});

describe('the own baseline', () => {
  it('has the reference change value of creatinine: about 20 % either way', () => {
    // CVi 5.95, CVa 2.975: σ = 0.0665; exp(1.96 × √2 × 0.0665) − 1 = 20.2 %
    const limits = referenceChange('creatinine');
    expect(limits?.up).toBeCloseTo(20.2, 1);
    expect(limits?.down).toBeCloseTo(-16.8, 1);
    expect(referenceChange('unknown')).toBeUndefined();
  });

  it('sees a change inside the range that is large for this patient', () => {
    const earlier = yearly('14682-9', 'umol/L', [60, 62, 61, 59]);
    const change = (value: number) => compareWithBaseline(measure('14682-9', value, 'umol/L'), earlier);
    expect(change(66)?.beyondUsual).toBe(false);
    expect(change(85)).toMatchObject({ beyondUsual: true, count: 4, median: 60.5, unit: 'umol/L' });
    expect(compareWithBaseline(measure('14682-9', 85, 'umol/L'), earlier.slice(0, 2))).toBeUndefined();
  });

  it('falls back on three robust spreads where no biological variation is known', () => {
    const earlier = yearly('2703-7', 'mm[Hg]', [90, 92, 88, 91, 89]);
    expect(compareWithBaseline(measure('2703-7', 60, 'mm[Hg]'), earlier)?.beyondUsual).toBe(true);
    expect(compareWithBaseline(measure('2703-7', 93, 'mm[Hg]'), earlier)?.beyondUsual).toBe(false);
    const few = earlier.slice(0, 4);
    expect(compareWithBaseline(measure('2703-7', 60, 'mm[Hg]'), few)?.beyondUsual).toBe(false);
  });

  it('does not look into the future', () => {
    const later = [1, 2, 3, 4].map((day) => measure('14682-9', 60, 'umol/L', { effective: `2026-07-0${day}` }));
    expect(compareWithBaseline(measure('14682-9', 90, 'umol/L'), later)).toBeUndefined();
  });
});
