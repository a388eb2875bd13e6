import { type Equation, equation, words } from './equation.ts';

const sodium = { analyte: 'sodium', unit: 'mmol/L' } as const;
const chloride = { analyte: 'chloride', unit: 'mmol/L' } as const;
const bicarbonate = { analyte: 'bicarbonate', unit: 'mmol/L' } as const;
const albumin = { analyte: 'albumin', unit: 'g/L' } as const;
const glucose = { analyte: ['glucose', 'glucose-fasting'], unit: 'mmol/L' } as const;
const urea = { analyte: 'urea', unit: 'mmol/L' } as const;

const SMITHLINE = 'Smithline N, Gardner KD. Gaps: anionic and osmolal. JAMA 1976;236:1594-1597';

/** Salts, acids, water, gases and sugar. */
export const CHEMISTRY_EQUATIONS: readonly Equation[] = [
  equation({
    key: 'anion-gap',
    name: words('Anion gap', '陰離子隙', '阴离子间隙'),
    unit: 'mmol/L',
    digits: 0,
    loinc: '10466-1',
    expression: 'Na − Cl − HCO3',
    source: 'Emmett M, Narins RG. Clinical use of the anion gap. Medicine 1977;56:38-54',
    inputs: { sodium, chloride, bicarbonate },
    cautions: () => ['What is usual depends on the analyser; low albumin lowers it.'],
    compute: (v) => v.sodium - v.chloride - v.bicarbonate,
  }),
  equation({
    key: 'anion-gap-albumin',
    name: words('Anion gap, albumin-corrected', '經白蛋白校正的陰離子隙', '经白蛋白校正的阴离子间隙'),
    unit: 'mmol/L',
    digits: 0,
    expression: '(Na − Cl − HCO3) + 0.25 × (44 − albumin)',
    source: 'Figge J et al. Anion gap and hypoalbuminemia. Crit Care Med 1998;26:1807-1810',
    inputs: { sodium, chloride, bicarbonate, albumin },
    compute: (v) => v.sodium - v.chloride - v.bicarbonate + 0.25 * (44 - v.albumin),
  }),
  equation({
    key: 'calcium-albumin',
    name: words('Calcium, albumin-corrected', '經白蛋白校正的鈣', '经白蛋白校正的钙'),
    unit: 'mmol/L',
    digits: 2,
    loinc: '29265-6',
    expression: 'Ca + 0.02 × (40 − albumin)',
    source: 'Correcting the calcium (editorial). BMJ 1977;1:598',
    inputs: { calcium: { analyte: 'calcium', unit: 'mmol/L' }, albumin },
    cautions: (v) =>
      v.albumin < 20
        ? ['Unreliable with albumin below 20 g/L: measure ionised calcium.']
        : ['Measured ionised calcium is better in serious illness and kidney failure.'],
    compute: (v) => v.calcium + 0.02 * (40 - v.albumin),
  }),
  equation({
    key: 'sodium-glucose',
    name: words('Sodium, glucose-corrected', '經血糖校正的鈉', '经血糖校正的钠'),
    unit: 'mmol/L',
    digits: 0,
    expression: 'Na + 2.4 × (glucose − 100 mg/dL) / 100',
    source:
      'Hillier TA et al. Hyponatremia: evaluating the correction factor for hyperglycemia. Am J Med 1999;106:399-403',
    inputs: { sodium, glucose: { ...glucose, unit: 'mg/dL' } },
    // 11.1 mmol/L: below it the correction is smaller than the error of measurement.
    applies: (v) => v.glucose > 200,
    compute: (v) => v.sodium + (2.4 * (v.glucose - 100)) / 100,
  }),
  equation({
    key: 'osmolality-calculated',
    name: words('Osmolality, calculated', '計算滲透壓', '计算渗透压'),
    unit: 'mosm/kg',
    digits: 0,
    expression: '2 × Na + glucose + urea',
    source: SMITHLINE,
    inputs: { sodium, glucose, urea },
    compute: (v) => 2 * v.sodium + v.glucose + v.urea,
  }),
  equation({
    key: 'osmolal-gap',
    name: words('Osmolal gap', '滲透壓間隙', '渗透压间隙'),
    unit: 'mosm/kg',
    digits: 0,
    expression: 'measured osmolality − (2 × Na + glucose + urea)',
    source: SMITHLINE,
    inputs: { osmolality: { analyte: 'osmolality', unit: 'mosm/kg' }, sodium, glucose, urea },
    compute: (v) => v.osmolality - (2 * v.sodium + v.glucose + v.urea),
  }),
  equation({
    key: 'alveolar-arterial-gradient',
    name: words('Alveolar-arterial oxygen gradient', '肺泡-動脈氧分壓差', '肺泡-动脉氧分压差'),
    unit: 'mm[Hg]',
    digits: 0,
    expression: 'FiO2 × (barometric pressure − 47) − PaCO2 / 0.8 − PaO2',
    source:
      'Fenn WO, Rahn H, Otis AB. A theoretical study of the composition of the alveolar air at altitude. Am J Physiol 1946;146:637-653',
    inputs: {
      inhaledOxygen: { analyte: 'inhaled-oxygen', unit: '1' },
      pco2: { analyte: 'pco2', unit: 'mm[Hg]' },
      po2: { analyte: 'po2', unit: 'mm[Hg]' },
    },
    refuses: (v) =>
      v.inhaledOxygen < 0.1 || v.inhaledOxygen > 1
        ? 'The inhaled oxygen fraction must lie between 10 and 100 %.'
        : undefined,
    cautions: () => ['Takes arterial blood at body temperature and a respiratory quotient of 0.8.'],
    compute: (v, who) => v.inhaledOxygen * ((who.stated.barometricPressure ?? 760) - 47) - v.pco2 / 0.8 - v.po2,
  }),
  equation({
    key: 'homa-ir',
    name: words('Insulin resistance (HOMA-IR)', '胰島素阻抗指數（HOMA-IR）', '胰岛素抵抗指数（HOMA-IR）'),
    unit: '1',
    digits: 1,
    expression: 'fasting glucose × fasting insulin / 22.5',
    source: 'Matthews DR et al. Homeostasis model assessment. Diabetologia 1985;28:412-419',
    inputs: {
      glucose: { analyte: 'glucose-fasting', unit: 'mmol/L' },
      insulin: { analyte: 'insulin', unit: 'm[IU]/L' },
    },
    cautions: () => ['Both samples fasting; not for people who inject insulin. Insulin assays differ.'],
    compute: (v) => (v.glucose * v.insulin) / 22.5,
  }),
  equation({
    key: 'average-glucose',
    name: words('Estimated average glucose', '估算平均血糖', '估算平均血糖'),
    unit: 'mmol/L',
    digits: 1,
    expression: '1.59 × HbA1c − 2.59',
    source:
      'Nathan DM et al. Translating the A1C assay into estimated average glucose values. Diabetes Care 2008;31:1473-1478',
    inputs: { hba1c: { analyte: 'hba1c', unit: '%' } },
    refuses: (v) => (v.hba1c < 4 ? 'The equation was not made for HbA1c below 4 %.' : undefined),
    cautions: () => ['Anaemia, haemoglobin variants, kidney failure and pregnancy change HbA1c.'],
    compute: (v) => 1.59 * v.hba1c - 2.59,
  }),
  equation({
    key: 'transferrin-saturation',
    name: words('Transferrin saturation', '轉鐵蛋白飽和度', '转铁蛋白饱和度'),
    unit: '%',
    digits: 0,
    loinc: '14801-5',
    expression: '100 × iron / iron-binding capacity',
    source: 'WHO. Guideline on use of ferritin concentrations to assess iron status. Geneva, 2020',
    inputs: { iron: { analyte: 'iron', unit: 'umol/L' }, capacity: { analyte: 'tibc', unit: 'umol/L' } },
    compute: (v) => (100 * v.iron) / v.capacity,
  }),
];
