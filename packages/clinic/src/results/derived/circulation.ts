import { type Equation, equation, words } from './equation.ts';

const weight = { analyte: 'body-weight', unit: 'kg' } as const;
const height = { analyte: 'body-height', unit: 'cm' } as const;
const qt = { analyte: 'qt-interval', unit: 'ms' } as const;
const rate = { analyte: 'heart-rate', unit: '/min' } as const;

const beyondRates = (v: { qt: number; rate: number }) =>
  v.rate < 40 || v.rate > 150 ? 'No correction is reliable at heart rates below 40 or above 150 a minute.' : undefined;

/** Body size, blood pressure and the heart tracing. */
export const CIRCULATION_EQUATIONS: readonly Equation[] = [
  equation({
    key: 'bmi',
    name: words('Body mass index', '體重指標', '体重指数'),
    unit: 'kg/m2',
    digits: 1,
    loinc: '39156-5',
    expression: 'weight / height²',
    source: 'Keys A et al. Indices of relative weight and obesity. J Chronic Dis 1972;25:329-343',
    inputs: { weight, height: { ...height, unit: 'm' } },
    compute: (v) => v.weight / v.height ** 2,
  }),
  equation({
    key: 'bsa-mosteller',
    name: words('Body surface area (Mosteller)', '體表面積（Mosteller）', '体表面积（Mosteller）'),
    unit: 'm2',
    digits: 2,
    loinc: '3140-1',
    expression: '√(height × weight / 3600)',
    source: 'Mosteller RD. Simplified calculation of body-surface area. N Engl J Med 1987;317:1098',
    inputs: { weight, height },
    compute: (v) => Math.sqrt((v.height * v.weight) / 3600),
  }),
  equation({
    key: 'bsa-du-bois',
    name: words('Body surface area (Du Bois)', '體表面積（Du Bois）', '体表面积（Du Bois）'),
    unit: 'm2',
    digits: 2,
    expression: '0.007184 × weight^0.425 × height^0.725',
    source: 'Du Bois D, Du Bois EF. Arch Intern Med 1916;17:863-871',
    inputs: { weight, height },
    compute: (v) => 0.007184 * v.weight ** 0.425 * v.height ** 0.725,
  }),
  equation({
    key: 'mean-arterial-pressure',
    name: words('Mean arterial pressure', '平均動脈壓', '平均动脉压'),
    unit: 'mm[Hg]',
    digits: 0,
    loinc: '8478-0',
    expression: '(systolic + 2 × diastolic) / 3',
    source: 'The standard formula as in Razminia M et al. Catheter Cardiovasc Interv 2004;63:419-425',
    inputs: {
      systolic: { analyte: 'systolic', unit: 'mm[Hg]' },
      diastolic: { analyte: 'diastolic', unit: 'mm[Hg]' },
    },
    refuses: (v) => (v.diastolic > v.systolic ? 'Diastolic is above systolic pressure: check both.' : undefined),
    compute: (v) => (v.systolic + 2 * v.diastolic) / 3,
  }),
  equation({
    key: 'qtc-bazett',
    name: words('Corrected QT (Bazett)', '校正QT間期（Bazett）', '校正QT间期（Bazett）'),
    unit: 'ms',
    digits: 0,
    expression: 'QT / √(60 / heart rate)',
    source: 'Bazett HC. An analysis of the time-relations of electrocardiograms. Heart 1920;7:353-370',
    inputs: { qt, rate },
    refuses: beyondRates,
    cautions: (v) => (v.rate < 60 || v.rate > 100 ? ['Bazett over-corrects fast and under-corrects slow rates.'] : []),
    compute: (v) => v.qt / Math.sqrt(60 / v.rate),
  }),
  equation({
    key: 'qtc-fridericia',
    name: words('Corrected QT (Fridericia)', '校正QT間期（Fridericia）', '校正QT间期（Fridericia）'),
    unit: 'ms',
    digits: 0,
    expression: 'QT / ∛(60 / heart rate)',
    source: 'Fridericia LS. Die Systolendauer im Elektrokardiogramm. Acta Med Scand 1920;53:469-486',
    inputs: { qt, rate },
    refuses: beyondRates,
    compute: (v) => v.qt / Math.cbrt(60 / v.rate),
  }),
  equation({
    key: 'neutrophil-lymphocyte-ratio',
    name: words('Neutrophil to lymphocyte ratio', '中性粒細胞與淋巴細胞比值', '中性粒细胞与淋巴细胞比值'),
    unit: '1',
    digits: 1,
    expression: 'neutrophils / lymphocytes',
    source: 'Zahorec R. Bratisl Lek Listy 2001;102:5-14',
    inputs: {
      neutrophils: { analyte: 'neutrophils', unit: '10*9/L' },
      lymphocytes: { analyte: 'lymphocytes', unit: '10*9/L' },
    },
    refuses: (v) => (v.lymphocytes <= 0 ? 'There are no lymphocytes to divide by.' : undefined),
    compute: (v) => v.neutrophils / v.lymphocytes,
  }),
];
