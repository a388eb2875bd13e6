import { convertUnit } from '../units.ts';
import { type Equation, equation, words } from './equation.ts';

const CHOLESTEROL = 386.65;
const cholesterol = { analyte: 'cholesterol', unit: 'mg/dL' } as const;
const hdl = { analyte: 'hdl', unit: 'mg/dL' } as const;
const triglyceride = { analyte: 'triglyceride', unit: 'mg/dL' } as const;

/** The equations were published in mg/dL; this system shows mmol/L. */
function substance(milligramsPerDecilitre: number): number {
  return convertUnit(milligramsPerDecilitre, 'mg/dL', 'mmol/L', CHOLESTEROL) ?? Number.NaN;
}

const NEGATIVE = 'The values do not fit together: the result would not be above zero.';

function friedewald(total: number, high: number, fats: number): number {
  return total - high - fats / 5;
}

function sampson(total: number, high: number, fats: number): number {
  const rest = total - high;
  return total / 0.948 - high / 0.971 - (fats / 8.56 + (fats * rest) / 2140 - fats ** 2 / 16100) - 9.44;
}

/**
 * Cholesterol fractions. The Martin-Hopkins method is left out: its 180-cell table was not published under a
 * licence that allows shipping it.
 */
export const LIPID_EQUATIONS: readonly Equation[] = [
  equation({
    key: 'non-hdl',
    name: words('Non-HDL cholesterol', '非高密度膽固醇', '非高密度胆固醇'),
    unit: 'mmol/L',
    digits: 1,
    loinc: '70204-3',
    expression: 'total cholesterol − HDL cholesterol',
    source: 'NCEP Expert Panel (ATP III). Circulation 2002;106:3143-3421, section II.9',
    inputs: { cholesterol, hdl },
    refuses: (v) => (v.cholesterol <= v.hdl ? NEGATIVE : undefined),
    compute: (v) => substance(v.cholesterol - v.hdl),
  }),
  equation({
    key: 'ldl-friedewald',
    name: words('LDL cholesterol (Friedewald)', '低密度膽固醇（Friedewald）', '低密度胆固醇（Friedewald）'),
    unit: 'mmol/L',
    digits: 1,
    loinc: '39469-2',
    expression: 'total − HDL − triglyceride / 5 (mg/dL)',
    source: 'Friedewald WT, Levy RI, Fredrickson DS. Clin Chem 1972;18:499-502',
    inputs: { cholesterol, hdl, triglyceride },
    refuses: (v) => {
      if (v.triglyceride > 400) return 'Does not hold with triglycerides above 400 mg/dL (4.5 mmol/L).';
      return friedewald(v.cholesterol, v.hdl, v.triglyceride) <= 0 ? NEGATIVE : undefined;
    },
    cautions: () => ['Fasting sample; too low when LDL is below 70 mg/dL (1.8 mmol/L). Not in type III dyslipidaemia.'],
    compute: (v) => substance(friedewald(v.cholesterol, v.hdl, v.triglyceride)),
  }),
  equation({
    key: 'ldl-sampson',
    name: words('LDL cholesterol (Sampson)', '低密度膽固醇（Sampson）', '低密度胆固醇（Sampson）'),
    unit: 'mmol/L',
    digits: 1,
    expression: 'total/0.948 − HDL/0.971 − (TG/8.56 + TG × non-HDL/2140 − TG²/16100) − 9.44 (mg/dL)',
    source:
      'Sampson M et al. A new equation for calculation of low-density lipoprotein cholesterol. JAMA Cardiol 2020;5:540-548',
    inputs: { cholesterol, hdl, triglyceride },
    refuses: (v) => {
      if (v.triglyceride > 800) return 'Does not hold with triglycerides above 800 mg/dL (9.0 mmol/L).';
      return sampson(v.cholesterol, v.hdl, v.triglyceride) <= 0 ? NEGATIVE : undefined;
    },
    compute: (v) => substance(sampson(v.cholesterol, v.hdl, v.triglyceride)),
  }),
];
