import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allAnalytes, citation, valueIn } from './analytes.ts';
import { InterpretationError, interpret, MOST_RESULTS } from './interpret.ts';
import { ageAt, type Measurement, type PatientFacts } from './measurement.ts';
import { summarise } from './report.ts';
import { measure } from './testing/measure.ts';

const woman: PatientFacts = { sex: 'female', birthDate: '1986-03-04' };
const man: PatientFacts = { sex: 'male', birthDate: '1956-03-04' };

function one(measurement: Measurement, patient: PatientFacts = woman, options = {}) {
  const result = interpret([measurement], patient, options)[0];
  if (!result) throw new Error('no interpretation');
  return result;
}

describe('reference ranges', () => {
  it("takes the report's own range first, in its own unit", () => {
    const range = { low: 30, high: 200, unit: 'umol/L' };
    const result = one(measure('2160-0', 2, 'mg/dL', { range }));
    expect(result.range).toEqual({ ...range, basis: 'report', source: 'report' });
    expect(result.flag).toBe('N');
    expect(result.value).toBeCloseTo(176.8, 1);
  });

  it('takes the sourced table by sex where the report has none', () => {
    const creatinine = measure('14682-9', 95, 'umol/L');
    expect(one(creatinine, woman).flag).toBe('H');
    expect(one(creatinine, man).flag).toBe('N');
    expect(citation(one(creatinine, man).range?.source ?? '')).toContain('Rustad');
    expect(one(creatinine, { birthDate: '1986-03-04' }).range).toBeUndefined();
  });

  it('knows pregnancy: haemoglobin of 107 g/L is low except in the second trimester (WHO 2024)', () => {
    const haemoglobin = measure('718-7', 107, 'g/L');
    const flags = ([1, 2, 3] as const).map(
      (trimester) => one(haemoglobin, { ...woman, pregnancy: { trimester } }).flag,
    );
    expect(flags).toEqual(['L', 'N', 'L']);
    expect(one(haemoglobin, woman).flag).toBe('L');
  });

  it('changes children to adults on the birthday', () => {
    const potassium = (effective: string) => measure('2823-3', 4.9, 'mmol/L', { effective });
    const patient: PatientFacts = { sex: 'male', birthDate: '2008-02-29' };
    expect(one(potassium('2026-02-28T12:00:00Z'), patient).flag).toBe('N');
    expect(one(potassium('2026-03-01T00:00:00Z'), patient).flag).toBe('H');
  });

  it('gives ages that only grow, and whole years on birthdays', () => {
    expect(ageAt('2000-06-01', '2026-06-01')).toBe(26);
    expect(ageAt('2000-06-01', '2026-05-31T23:59:59Z')).toBeLessThan(26);
    expect(ageAt('2026-06-02', '2026-06-01')).toBeUndefined();
    expect(ageAt('not a date', '2026-06-01')).toBeUndefined();
    const day = fc.integer({ min: 0, max: 40_000 }).map((n) => new Date(Date.UTC(1930, 0, 1) + n * 86_400_000));
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 1, max: 1000 }), (born, n, more) => {
        const at = (days: number) =>
          ageAt(born.toISOString(), new Date(born.getTime() + days * 86_400_000).toISOString());
        expect(at(n + more) as number).toBeGreaterThanOrEqual(at(n) as number);
      }),
    );
  });
});

describe('flags', () => {
  it('never falls as the value rises', () => {
    const order = ['LL', 'L', 'N', 'H', 'HH'];
    const codes = allAnalytes().flatMap(({ loinc, unit }) => (loinc[0] ? [{ code: loinc[0], unit }] : []));
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.double({ min: 0, max: 1000, noNaN: true }),
        fc.double({ min: 0, max: 1000, noNaN: true }),
        ({ code, unit }, a, b) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)].map(
            (value) => one(measure(code, value, unit), man).flag,
          );
          if (low && high) expect(order.indexOf(low)).toBeLessThanOrEqual(order.indexOf(high));
        },
      ),
    );
  });

  it('does not depend on the unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 30, noNaN: true }), (glucose) => {
        fc.pre([2.6, 3.9, 11, 26.9].every((limit) => Math.abs(limit - glucose) > 1e-6));
        const milligrams = valueIn({ loinc: '14749-6', value: glucose, unit: 'mmol/L' }, 'mg/dL') as number;
        expect(one(measure('2345-7', milligrams, 'mg/dL')).flag).toBe(one(measure('14749-6', glucose, 'mmol/L')).flag);
      }),
    );
  });

  it('decides on censored values only where the sign allows it', () => {
    expect(one(measure('1988-5', 1, 'mg/L', { comparator: '<' })).flag).toBe('N');
    expect(one(measure('3016-3', 0.01, 'm[IU]/L', { comparator: '<' })).flag).toBe('L');
    expect(one(measure('3016-3', 100, 'm[IU]/L', { comparator: '>' })).flag).toBe('H');
    expect(one(measure('3016-3', 2, 'm[IU]/L', { comparator: '<' })).flag).toBeUndefined();
    expect(one(measure('98979-8', 90, 'mL/min/{1.73_m2}', { comparator: '>' })).flag).toBe('N');
  });

  it("keeps the laboratory's flag where there is no range, and shows a disagreement where there is", () => {
    expect(one(measure('99999-9', 5, 'g/L', { flag: 'H' }))).toMatchObject({ flag: 'H', flagBasis: 'laboratory' });
    const range = { low: 3, high: 7, unit: 'mmol/L' };
    expect(one(measure('14749-6', 5, 'mmol/L', { range, flag: 'H' })).disagreesWithLaboratory).toBe(true);
    expect(one(measure('14749-6', 8, 'mmol/L', { range, flag: 'H' })).disagreesWithLaboratory).toBe(false);
  });
});

describe('critical limits and delta checks', () => {
  it('marks what the survey of Kost 1990 calls critical, in adults', () => {
    expect(one(measure('2823-3', 6.3, 'mmol/L')).flag).toBe('HH');
    expect(one(measure('2823-3', 6.2, 'mmol/L')).flag).toBe('H');
    expect(one(measure('2823-3', 2.7, 'mmol/L')).flag).toBe('LL');
    expect(one(measure('2823-3', 6.3, 'mmol/L'), { birthDate: '2020-01-01' }).flag).toBe('H');
  });

  it("takes the laboratory's own limits instead, analyte by analyte", () => {
    const criticalLimits = [{ analyte: 'potassium', high: 7, unit: 'mmol/L', source: 'Our laboratory, 2026' }];
    expect(one(measure('2823-3', 6.9, 'mmol/L'), woman, { criticalLimits }).flag).toBe('H');
    expect(one(measure('2823-3', 7.1, 'mmol/L'), woman, { criticalLimits }).critical?.limit.source).toContain('Our');
    expect(one(measure('2951-2', 119, 'mmol/L'), woman, { criticalLimits }).flag).toBe('LL');
  });

  it('asks about a change of more than 20 % of potassium within three days', () => {
    const before = (value: number, effective: string) => measure('2823-3', value, 'mmol/L', { effective });
    const now = measure('2823-3', 5.1, 'mmol/L');
    const delta = (history: Measurement[]) => one(now, woman, { history }).delta;
    expect(delta([before(4, '2026-05-30T08:00:00Z')])?.change).toBeCloseTo(27.5);
    expect(delta([before(4.5, '2026-05-30T08:00:00Z')])).toBeUndefined();
    expect(delta([before(4, '2026-05-28T08:00:00Z')])).toBeUndefined();
    expect(delta([before(4, '2026-05-30T08:00:00Z'), before(5, '2026-05-31T08:00:00Z')])).toBeUndefined();
  });
});

describe('summarise', () => {
  it('groups, counts and derives', () => {
    const report = [
      measure('2951-2', 140, 'mmol/L'),
      measure('2823-3', 6.5, 'mmol/L'),
      measure('14682-9', 160, 'umol/L'),
      measure('9318-7', 300, 'mg/g'),
      measure('718-7', 140, 'g/L'),
      measure('99999-9', 1, 'g/L'),
    ];
    const summary = summarise(report, woman);
    expect(summary.groups.map((group) => group.key)).toEqual(['blood', 'electrolytes', 'kidney', 'other']);
    expect(summary.counts).toEqual({ total: 6, normal: 2, abnormal: 3, critical: 1, undecided: 1 });
    expect(summary.critical[0]?.measurement.loinc).toBe('2823-3');
    // 160 umol/L is 1.81 mg/dL: eGFR 36, and 300 mg/g is 33.9 mg/mmol
    expect(summary.kidney).toEqual({ g: 'G3b', a: 'A3', risk: 'very-high' });
    expect(summary.headline.en).toBe(
      '6 results, 3 outside the usual range. 1 needs attention at once. 1 without a range.',
    );
  });

  it('refuses a report without end', () => {
    const many = Array.from({ length: MOST_RESULTS + 1 }, () => measure('2951-2', 140, 'mmol/L'));
    expect(() => interpret(many, woman)).toThrow(InterpretationError);
  });
});
