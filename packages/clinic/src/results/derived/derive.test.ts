import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Measurement, PatientFacts } from '../measurement.ts';
import { measure } from '../testing/measure.ts';
import { type DerivedResult, derive, EQUATIONS } from './derive.ts';
import type { StatedFacts } from './equation.ts';

const person = (age: number, sex: 'female' | 'male'): PatientFacts => ({ sex, birthDate: `${2026 - age}-06-01` });

function result(key: string, results: readonly Measurement[], patient: PatientFacts = {}, stated: StatedFacts = {}) {
  return derive(results, patient, stated).find((one) => one.equation.key === key);
}

function shown(one: DerivedResult | undefined): number | undefined {
  return one?.value === undefined ? undefined : Number(one.value.toFixed(one.equation.digits));
}

const creatinine = (value: number) => measure('2160-0', value, 'mg/dL');
const cystatin = (value: number) => measure('33863-2', value, 'mg/L');

describe('published tables', () => {
  // The table was rounded from mg/dL: the last digit may differ by one.
  it.each([
    // Nathan 2008, table 2
    [5, 5.4],
    [6, 7.0],
    [7, 8.6],
    [8, 10.2],
    [9, 11.8],
    [10, 13.4],
    [11, 14.9],
    [12, 16.5],
  ])('HbA1c of %d %% is an average glucose of %d mmol/L', (hba1c, glucose) => {
    const value = shown(result('average-glucose', [measure('4548-4', hba1c, '%')])) as number;
    expect(Math.abs(value - glucose)).toBeLessThanOrEqual(0.11);
  });

  it('HOMA-IR is 1 for the ideal person of the model: 5 mU/L at 4.5 mmol/L (Matthews 1985)', () => {
    expect(shown(result('homa-ir', [measure('14771-0', 4.5, 'mmol/L'), measure('20448-7', 5, 'm[IU]/L')]))).toBe(1);
  });

  it('MELD 3.0 and MELD-Na are 6 with nothing wrong, and end at 40', () => {
    const well = [
      measure('1975-2', 0.8, 'mg/dL'),
      creatinine(0.9),
      measure('6301-6', 1, '{INR}'),
      measure('2951-2', 140, 'mmol/L'),
      measure('1751-7', 40, 'g/L'),
    ];
    const ill = [
      measure('1975-2', 40, 'mg/dL'),
      creatinine(5),
      measure('6301-6', 6, '{INR}'),
      measure('2951-2', 120, 'mmol/L'),
      measure('1751-7', 15, 'g/L'),
    ];
    for (const key of ['meld-na', 'meld-3']) {
      expect(shown(result(key, well, person(50, 'male'), { cirrhosis: true }))).toBe(6);
      expect(shown(result(key, ill, person(50, 'male'), { cirrhosis: true }))).toBe(40);
    }
  });
});

describe('worked by hand from the published coefficients', () => {
  it('CKD-EPI 2021', () => {
    // 142 × (1.0/0.9)^-1.2 × 0.9938^50 = 142 × 0.88123 × 0.73274 = 91.7
    expect(shown(result('egfr-creatinine', [creatinine(1)], person(50, 'male')))).toBe(92);
    // 142 × (1.0/0.7)^-1.2 × 0.73274 × 1.012 = 142 × 0.65181 × 0.73274 × 1.012 = 68.6
    expect(shown(result('egfr-creatinine', [creatinine(1)], person(50, 'female')))).toBe(69);
    // 142 × (0.6/0.9)^-0.302 × 0.9938^20 = 142 × 1.13025 × 0.88303 = 141.7
    expect(shown(result('egfr-creatinine', [creatinine(0.6)], person(20, 'male')))).toBe(142);
    // 133 × (1.0/0.8)^-1.328 × 0.996^50 = 133 × 0.74353 × 0.81840 = 80.9
    expect(shown(result('egfr-cystatin', [cystatin(1)], person(50, 'male')))).toBe(81);
    // 135 × (1.0/0.9)^-0.544 × (1.0/0.8)^-0.778 × 0.9961^50 = 135 × 0.94430 × 0.84063 × 0.82251 = 88.1
    expect(shown(result('egfr-creatinine-cystatin', [creatinine(1), cystatin(1)], person(50, 'male')))).toBe(88);
  });

  it('MELD 3.0 and MELD-Na', () => {
    const results = [
      measure('1975-2', 2, 'mg/dL'),
      creatinine(1.5),
      measure('6301-6', 1.5, '{INR}'),
      measure('2951-2', 130, 'mmol/L'),
      measure('1751-7', 3, 'g/dL'),
    ];
    // 1.33 + 4.56×0.6931 + 0.82×7 − 0.24×7×0.6931 + 9.09×0.4055 + 11.14×0.4055 + 1.85×0.5 − 1.83×0.5×0.4055 + 6 = 23.83
    expect(shown(result('meld-3', results, person(50, 'female'), { cirrhosis: true }))).toBe(24);
    // MELD: 10 × (0.957×0.4055 + 0.378×0.6931 + 1.120×0.4055 + 0.643) = 17.47 → 17; 17 + 1.32×7 − 0.033×17×7 = 22.3
    expect(shown(result('meld-na', results, person(50, 'female'), { cirrhosis: true }))).toBe(22);
  });

  it('LDL by Friedewald and by Sampson', () => {
    const results = [measure('2093-3', 200, 'mg/dL'), measure('2085-9', 50, 'mg/dL'), measure('2571-8', 150, 'mg/dL')];
    // 200 − 50 − 30 = 120 mg/dL = 3.10 mmol/L
    expect(result('ldl-friedewald', results)?.value).toBeCloseTo(120 / 38.665, 4);
    // 210.970 − 51.493 − (17.523 + 10.514 − 1.398) − 9.44 = 123.40 mg/dL
    expect((result('ldl-sampson', results)?.value ?? 0) * 38.665).toBeCloseTo(123.4, 1);
  });

  it.each<[string, Measurement[], number]>([
    [
      'anion-gap',
      [measure('2951-2', 140, 'mmol/L'), measure('2075-0', 104, 'mmol/L'), measure('1963-8', 24, 'mmol/L')],
      12,
    ],
    ['calcium-albumin', [measure('2000-8', 2.1, 'mmol/L'), measure('1751-7', 30, 'g/L')], 2.3],
    [
      'osmolality-calculated',
      [measure('2951-2', 140, 'mmol/L'), measure('14749-6', 5, 'mmol/L'), measure('22664-7', 5, 'mmol/L')],
      290,
    ],
    ['sodium-glucose', [measure('2951-2', 130, 'mmol/L'), measure('2345-7', 600, 'mg/dL')], 142],
    // 0.21 × 713 − 40 / 0.8 − 90 = 9.73
    [
      'alveolar-arterial-gradient',
      [measure('3150-0', 21, '%'), measure('2019-8', 40, 'mm[Hg]'), measure('2703-7', 90, 'mm[Hg]')],
      10,
    ],
    // 100 × (20 × 200) / (140 × 10000) = 0.29
    [
      'fractional-excretion-sodium',
      [
        measure('2955-3', 20, 'mmol/L'),
        measure('14682-9', 200, 'umol/L'),
        measure('2951-2', 140, 'mmol/L'),
        measure('14683-7', 10, 'mmol/L'),
      ],
      0.3,
    ],
    ['bmi', [measure('29463-7', 70, 'kg'), measure('8302-2', 175, 'cm')], 22.9],
    ['bsa-mosteller', [measure('29463-7', 70, 'kg'), measure('8302-2', 175, 'cm')], 1.84],
    ['bsa-du-bois', [measure('29463-7', 70, 'kg'), measure('8302-2', 175, 'cm')], 1.85],
    ['mean-arterial-pressure', [measure('8480-6', 120, 'mm[Hg]'), measure('8462-4', 80, 'mm[Hg]')], 93],
    ['qtc-bazett', [measure('8634-8', 400, 'ms'), measure('8867-4', 60, '/min')], 400],
    // 360 / √(60/90) = 440.9; 360 / ∛(60/90) = 412.1
    ['qtc-bazett', [measure('8634-8', 360, 'ms'), measure('8867-4', 90, '/min')], 441],
    ['qtc-fridericia', [measure('8634-8', 360, 'ms'), measure('8867-4', 90, '/min')], 412],
    ['transferrin-saturation', [measure('14798-3', 15, 'umol/L'), measure('14800-7', 60, 'umol/L')], 25],
    ['globulin', [measure('2885-2', 70, 'g/L'), measure('1751-7', 42, 'g/L')], 28],
    ['neutrophil-lymphocyte-ratio', [measure('751-8', 6, '10*9/L'), measure('731-0', 2, '10*9/L')], 3],
  ])('%s', (key, results, expected) => {
    expect(shown(result(key, results))).toBe(expected);
  });

  it('FIB-4, APRI and Cockcroft-Gault', () => {
    const results = [
      measure('1920-8', 80, 'U/L', { range: { high: 40, unit: 'U/L' } }),
      measure('1742-6', 64, 'U/L'),
      measure('777-3', 100, '10*9/L'),
    ];
    // 60 × 80 / (100 × 8) = 6; 100 × (80 / 40) / 100 = 2
    expect(shown(result('fib-4', results, person(60, 'male')))).toBe(6);
    expect(shown(result('apri', results, person(60, 'male')))).toBe(2);
    // (140 − 60) × 72 / 72 = 80; × 0.85 for women
    const kidney = [creatinine(1), measure('29463-7', 72, 'kg')];
    expect(shown(result('creatinine-clearance', kidney, person(60, 'male')))).toBe(80);
    expect(shown(result('creatinine-clearance', kidney, person(60, 'female')))).toBe(68);
  });

  it('Child-Pugh runs from 5 to 15 and needs what the clinician saw', () => {
    const best = [measure('1975-2', 1, 'mg/dL'), measure('1751-7', 40, 'g/L'), measure('6301-6', 1, '{INR}')];
    const worst = [measure('1975-2', 5, 'mg/dL'), measure('1751-7', 20, 'g/L'), measure('6301-6', 3, '{INR}')];
    const well: StatedFacts = { cirrhosis: true, ascites: 'none', encephalopathy: 'none' };
    const ill: StatedFacts = { cirrhosis: true, ascites: 'moderate', encephalopathy: 'grade-3-4' };
    expect(shown(result('child-pugh', best, {}, well))).toBe(5);
    expect(shown(result('child-pugh', worst, {}, ill))).toBe(15);
    expect(result('child-pugh', worst, {}, { cirrhosis: true })).toBeUndefined();
  });
});

describe('limits of validity', () => {
  const lipids = (fats: number) => [
    measure('2093-3', 400, 'mg/dL'),
    measure('2085-9', 40, 'mg/dL'),
    measure('2571-8', fats, 'mg/dL'),
  ];

  it('Friedewald ends at triglycerides of 400 mg/dL, Sampson at 800', () => {
    expect(result('ldl-friedewald', lipids(400))?.value).toBeDefined();
    expect(result('ldl-friedewald', lipids(401))?.refused).toContain('400 mg/dL');
    expect(result('ldl-sampson', lipids(800))?.value).toBeDefined();
    expect(result('ldl-sampson', lipids(801))?.refused).toContain('800 mg/dL');
  });

  it('CKD-EPI begins on the eighteenth birthday', () => {
    const patient: PatientFacts = { sex: 'male', birthDate: '2008-06-02' };
    expect(result('egfr-creatinine', [creatinine(1)], patient)?.refused).toContain('18 years');
    expect(result('egfr-creatinine', [creatinine(1)], { ...patient, birthDate: '2008-06-01' })?.value).toBeDefined();
  });

  it('CKD-EPI stops in pregnancy', () => {
    const pregnant: PatientFacts = { ...person(30, 'female'), pregnancy: { trimester: 2 } };
    expect(result('egfr-creatinine', [creatinine(0.5)], pregnant)?.refused).toContain('pregnancy');
  });

  it('says nothing without sex or age, across days, or with a censored input', () => {
    expect(result('egfr-creatinine', [creatinine(1)], { sex: 'male' })).toBeUndefined();
    expect(result('egfr-creatinine', [creatinine(1)], { birthDate: '1970-01-01' })).toBeUndefined();
    const old = measure('2075-0', 104, 'mmol/L', { effective: '2026-05-01T08:00:00Z' });
    const gap = [measure('2951-2', 140, 'mmol/L'), measure('1963-8', 24, 'mmol/L')];
    expect(result('anion-gap', [...gap, old])).toBeUndefined();
    expect(result('anion-gap', [...gap, measure('2075-0', 104, 'mmol/L', { comparator: '<' })])).toBeUndefined();
  });

  it('never gives a number that is not one', () => {
    const value = fc.oneof(fc.constant(0), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
    const codes = [
      '2160-0',
      '33863-2',
      '2951-2',
      '2075-0',
      '1963-8',
      '1751-7',
      '2000-8',
      '2093-3',
      '2085-9',
      '2571-8',
      '1920-8',
      '1742-6',
      '777-3',
      '29463-7',
      '8302-2',
      '751-8',
      '731-0',
      '14798-3',
      '14800-7',
    ];
    const units = [
      'mg/dL',
      'mg/L',
      'mmol/L',
      'mmol/L',
      'mmol/L',
      'g/L',
      'mmol/L',
      'mg/dL',
      'mg/dL',
      'mg/dL',
      'U/L',
      'U/L',
      '10*9/L',
      'kg',
      'cm',
      '10*9/L',
      '10*9/L',
      'umol/L',
      'umol/L',
    ];
    fc.assert(
      fc.property(fc.array(value, { minLength: codes.length, maxLength: codes.length }), (values) => {
        const results = codes.map((code, index) => measure(code, values[index] ?? 0, units[index] ?? '1'));
        for (const one of derive(results, person(50, 'female'))) {
          expect(one.value === undefined ? one.refused : Number.isFinite(one.value)).toBeTruthy();
        }
      }),
    );
  });
});

describe('properties', () => {
  it('eGFR falls with creatinine and with age', () => {
    const value = fc.double({ min: 0.2, max: 15, noNaN: true });
    fc.assert(
      fc.property(
        value,
        value,
        fc.integer({ min: 18, max: 99 }),
        fc.constantFrom('female' as const, 'male' as const),
        (a, b, age, sex) => {
          fc.pre(b - a > 1e-6);
          const egfr = (c: number, years: number) =>
            result('egfr-creatinine', [creatinine(c)], person(years, sex))?.value as number;
          expect(egfr(b, age)).toBeLessThan(egfr(a, age));
          expect(egfr(a, age + 1)).toBeLessThan(egfr(a, age));
        },
      ),
    );
  });

  it('does not care about the unit in which a result arrived', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 15, noNaN: true }), (milligrams) => {
        const micromoles = measure('14682-9', (milligrams * 1e4) / 113.12, 'umol/L');
        const a = result('egfr-creatinine', [creatinine(milligrams)], person(60, 'male'))?.value as number;
        const b = result('egfr-creatinine', [micromoles], person(60, 'male'))?.value as number;
        expect(Math.abs(a - b)).toBeLessThan(1e-5 * a);
      }),
    );
  });

  it('states source, equation and three names for every equation', () => {
    expect(new Set(EQUATIONS.map((one) => one.key)).size).toBe(EQUATIONS.length);
    for (const { source, expression, name } of EQUATIONS) {
      expect(source.length).toBeGreaterThan(10);
      expect(expression.length).toBeGreaterThan(5);
      for (const text of Object.values(name)) expect(text).not.toBe('');
    }
  });
});
