import { adultsOnly, type Circumstances, type Equation, equation, words } from './equation.ts';

const INKER =
  'Inker LA et al. New creatinine- and cystatin C-based equations to estimate GFR without race. N Engl J Med 2021;385:1737-1749';
const STEADY = 'Holds only while kidney function is steady, and not at extremes of muscle mass.';

const creatinine = { analyte: 'creatinine', unit: 'mg/dL' } as const;
const cystatin = { analyte: 'cystatin-c', unit: 'mg/L' } as const;

/** The kidneys filter about half as much again in pregnancy, which no equation of adults follows. */
function steadyAdults(values: unknown, who: Circumstances): string | undefined {
  return who.pregnant ? 'The equation does not hold in pregnancy.' : adultsOnly(values, who);
}

const female = (who: Circumstances) => who.sex === 'female';
const kappa = (who: Circumstances) => (female(who) ? 0.7 : 0.9);

/** min(ratio, 1)^below × max(ratio, 1)^above: the two-slope spline of the CKD-EPI equations. */
function spline(ratio: number, below: number, above: number): number {
  return Math.min(ratio, 1) ** below * Math.max(ratio, 1) ** above;
}

/** Kidney function. */
export const KIDNEY_EQUATIONS: readonly Equation[] = [
  equation({
    key: 'egfr-creatinine',
    name: words('eGFR (creatinine)', '估算腎小球濾過率（肌酸酐）', '估算肾小球滤过率（肌酐）'),
    unit: 'mL/min/{1.73_m2}',
    digits: 0,
    loinc: '98979-8',
    expression:
      '142 × min(Scr/κ, 1)^α × max(Scr/κ, 1)^−1.200 × 0.9938^age × 1.012 if female; κ 0.7 female, 0.9 male; α −0.241 female, −0.302 male',
    source: INKER,
    needs: ['age', 'sex'],
    inputs: { creatinine },
    refuses: steadyAdults,
    cautions: () => [STEADY],
    compute: (v, who) =>
      142 *
      spline(v.creatinine / kappa(who), female(who) ? -0.241 : -0.302, -1.2) *
      0.9938 ** who.age *
      (female(who) ? 1.012 : 1),
  }),
  equation({
    key: 'egfr-cystatin',
    name: words('eGFR (cystatin C)', '估算腎小球濾過率（胱抑素C）', '估算肾小球滤过率（胱抑素C）'),
    unit: 'mL/min/{1.73_m2}',
    digits: 0,
    expression: '133 × min(Scys/0.8, 1)^−0.499 × max(Scys/0.8, 1)^−1.328 × 0.996^age × 0.932 if female',
    source:
      'Inker LA et al. Estimating glomerular filtration rate from serum creatinine and cystatin C. N Engl J Med 2012;367:20-29',
    needs: ['age', 'sex'],
    inputs: { cystatin },
    refuses: steadyAdults,
    cautions: () => ['Thyroid disease, steroids, smoking and inflammation change cystatin C.'],
    compute: (v, who) => 133 * spline(v.cystatin / 0.8, -0.499, -1.328) * 0.996 ** who.age * (female(who) ? 0.932 : 1),
  }),
  equation({
    key: 'egfr-creatinine-cystatin',
    name: words(
      'eGFR (creatinine and cystatin C)',
      '估算腎小球濾過率（肌酸酐及胱抑素C）',
      '估算肾小球滤过率（肌酐及胱抑素C）',
    ),
    unit: 'mL/min/{1.73_m2}',
    digits: 0,
    expression:
      '135 × min(Scr/κ, 1)^α × max(Scr/κ, 1)^−0.544 × min(Scys/0.8, 1)^−0.323 × max(Scys/0.8, 1)^−0.778 × 0.9961^age × 0.963 if female; κ 0.7 female, 0.9 male; α −0.219 female, −0.144 male',
    source: INKER,
    needs: ['age', 'sex'],
    inputs: { creatinine, cystatin },
    refuses: steadyAdults,
    cautions: () => [STEADY],
    compute: (v, who) =>
      135 *
      spline(v.creatinine / kappa(who), female(who) ? -0.219 : -0.144, -0.544) *
      spline(v.cystatin / 0.8, -0.323, -0.778) *
      0.9961 ** who.age *
      (female(who) ? 0.963 : 1),
  }),
  equation({
    key: 'creatinine-clearance',
    name: words(
      'Creatinine clearance (Cockcroft-Gault)',
      '肌酸酐清除率（Cockcroft-Gault）',
      '肌酐清除率（Cockcroft-Gault）',
    ),
    unit: 'mL/min',
    digits: 0,
    expression: '(140 − age) × weight / (72 × Scr) × 0.85 if female',
    source: 'Cockcroft DW, Gault MH. Prediction of creatinine clearance from serum creatinine. Nephron 1976;16:31-41',
    needs: ['age', 'sex'],
    inputs: { creatinine, weight: { analyte: 'body-weight', unit: 'kg' } },
    refuses: (values, who) =>
      steadyAdults(values, who) ?? (who.age >= 140 ? 'The equation ends at an age of 140.' : undefined),
    cautions: () => ['For drug doses that were studied with it; made before creatinine was standardised.', STEADY],
    compute: (v, who) => (((140 - who.age) * v.weight) / (72 * v.creatinine)) * (female(who) ? 0.85 : 1),
  }),
  equation({
    key: 'fractional-excretion-sodium',
    name: words('Fractional excretion of sodium', '鈉排泄分數', '钠排泄分数'),
    unit: '%',
    digits: 1,
    expression: '100 × (urine Na × plasma creatinine) / (plasma Na × urine creatinine)',
    source:
      'Espinel CH. The FENa test: use in the differential diagnosis of acute renal failure. JAMA 1976;236:579-581',
    inputs: {
      urineSodium: { analyte: 'urine-sodium', unit: 'mmol/L' },
      sodium: { analyte: 'sodium', unit: 'mmol/L' },
      urineCreatinine: { analyte: 'urine-creatinine', unit: 'umol/L' },
      creatinine: { analyte: 'creatinine', unit: 'umol/L' },
    },
    cautions: () => ['Made for acute kidney injury with little urine; diuretics make it unreliable.'],
    compute: (v) => (100 * v.urineSodium * v.creatinine) / (v.sodium * v.urineCreatinine),
  }),
];
