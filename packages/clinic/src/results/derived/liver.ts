import { adultsOnly, type Circumstances, type Equation, equation, words } from './equation.ts';

const bilirubin = { analyte: 'bilirubin-total', unit: 'mg/dL' } as const;
const creatinine = { analyte: 'creatinine', unit: 'mg/dL' } as const;
const inr = { analyte: 'inr', unit: '{INR}' } as const;
const sodium = { analyte: 'sodium', unit: 'mmol/L' } as const;
const albumin = { analyte: 'albumin', unit: 'g/dL' } as const;
const ast = { analyte: 'ast', unit: 'U/L' } as const;
const alt = { analyte: 'alt', unit: 'U/L' } as const;
const platelets = { analyte: 'platelets', unit: '10*9/L' } as const;

const cirrhosis = (_values: unknown, who: Circumstances) => who.stated.cirrhosis === true;
const between = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

/** OPTN policy 9: dialysis counts as the highest creatinine. */
const kidney = (measured: number, who: Circumstances, highest: number) =>
  who.stated.dialysis ? highest : between(measured, 1, highest);

function meld(v: { bilirubin: number; creatinine: number; inr: number }, who: Circumstances): number {
  const score =
    0.957 * Math.log(kidney(v.creatinine, who, 4)) +
    0.378 * Math.log(Math.max(v.bilirubin, 1)) +
    1.12 * Math.log(Math.max(v.inr, 1)) +
    0.643;
  return Math.round(score * 10);
}

/** Liver scores. */
export const LIVER_EQUATIONS: readonly Equation[] = [
  equation({
    key: 'meld-na',
    name: words('MELD-Na', 'MELD-Na 評分', 'MELD-Na 评分'),
    unit: '{score}',
    digits: 0,
    expression:
      'MELD = 10 × (0.957 ln creatinine + 0.378 ln bilirubin + 1.120 ln INR + 0.643); above 11: MELD + 1.32 × (137 − Na) − 0.033 × MELD × (137 − Na); Na kept within 125 to 137, 6 to 40',
    source: 'OPTN policy 9.1 (2016); Kim WR et al. N Engl J Med 2008;359:1018-1026',
    needs: ['age'],
    inputs: { bilirubin, creatinine, inr, sodium },
    applies: cirrhosis,
    refuses: (_v, who) => (who.age < 12 ? 'From 12 years on; younger children have PELD.' : undefined),
    compute: (v, who) => {
      const score = meld(v, who);
      const short = 137 - between(v.sodium, 125, 137);
      const withSodium = score > 11 ? score + 1.32 * short - 0.033 * score * short : score;
      return between(Math.round(withSodium), 6, 40);
    },
  }),
  equation({
    key: 'meld-3',
    name: words('MELD 3.0', 'MELD 3.0 評分', 'MELD 3.0 评分'),
    unit: '{score}',
    digits: 0,
    expression:
      '1.33 if female + 4.56 ln bilirubin + 0.82 (137 − Na) − 0.24 (137 − Na) ln bilirubin + 9.09 ln INR + 11.14 ln creatinine + 1.85 (3.5 − albumin) − 1.83 (3.5 − albumin) ln creatinine + 6; Na within 125 to 137, albumin 1.5 to 3.5, creatinine 1 to 3; 6 to 40',
    source:
      'Kim WR et al. MELD 3.0: the model for end-stage liver disease updated for the modern era. Gastroenterology 2021;161:1887-1895',
    needs: ['age', 'sex'],
    inputs: { bilirubin, creatinine, inr, sodium, albumin },
    applies: cirrhosis,
    refuses: (_v, who) => (who.age < 12 ? 'From 12 years on; younger children have PELD.' : undefined),
    compute: (v, who) => {
      const bile = Math.log(Math.max(v.bilirubin, 1));
      const waste = Math.log(kidney(v.creatinine, who, 3));
      const short = 137 - between(v.sodium, 125, 137);
      const poor = 3.5 - between(v.albumin, 1.5, 3.5);
      const score =
        // OPTN gives the points of women to everyone from 12 to 17.
        (who.sex === 'female' || who.age < 18 ? 1.33 : 0) +
        4.56 * bile +
        0.82 * short -
        0.24 * short * bile +
        9.09 * Math.log(Math.max(v.inr, 1)) +
        11.14 * waste +
        1.85 * poor -
        1.83 * poor * waste +
        6;
      return between(Math.round(score), 6, 40);
    },
  }),
  equation({
    key: 'child-pugh',
    name: words('Child-Pugh score', 'Child-Pugh 評分', 'Child-Pugh 评分'),
    unit: '{score}',
    digits: 0,
    expression:
      '1 to 3 points each: bilirubin < 2, 2–3, > 3 mg/dL; albumin > 3.5, 2.8–3.5, < 2.8 g/dL; INR < 1.7, 1.7–2.3, > 2.3; ascites none, slight, moderate; encephalopathy none, grade 1–2, 3–4. A 5–6, B 7–9, C 10–15',
    source:
      'Pugh RN et al. Transection of the oesophagus for bleeding oesophageal varices. Br J Surg 1973;60:646-649 (INR limits as in later use)',
    inputs: { bilirubin, albumin, inr },
    applies: (v, who) =>
      cirrhosis(v, who) && who.stated.ascites !== undefined && who.stated.encephalopathy !== undefined,
    cautions: () => [
      'Ascites and encephalopathy as stated by the clinician. Cholestatic disease has other bilirubin limits.',
    ],
    compute: (v, who) => {
      const points = (value: number, one: number, two: number) => (value < one ? 1 : value <= two ? 2 : 3);
      return (
        points(v.bilirubin, 2, 3) +
        (v.albumin > 3.5 ? 1 : v.albumin >= 2.8 ? 2 : 3) +
        points(v.inr, 1.7, 2.3) +
        { none: 1, slight: 2, moderate: 3 }[who.stated.ascites ?? 'none'] +
        { none: 1, 'grade-1-2': 2, 'grade-3-4': 3 }[who.stated.encephalopathy ?? 'none']
      );
    },
  }),
  equation({
    key: 'fib-4',
    name: words('FIB-4', 'FIB-4 指數', 'FIB-4 指数'),
    unit: '1',
    digits: 2,
    expression: 'age × AST / (platelets × √ALT)',
    source: 'Sterling RK et al. Hepatology 2006;43:1317-1325',
    needs: ['age'],
    inputs: { ast, alt, platelets },
    refuses: adultsOnly,
    cautions: (_v, who) =>
      who.age < 35 || who.age > 65 ? ['Less reliable below 35 and above 65 years (McPherson 2017).'] : [],
    compute: (v, who) => (who.age * v.ast) / (v.platelets * Math.sqrt(v.alt)),
  }),
  equation({
    key: 'apri',
    name: words('APRI', 'APRI 指數', 'APRI 指数'),
    unit: '1',
    digits: 2,
    expression: '100 × (AST / upper limit of AST) / platelets',
    source: 'Wai CT et al. Hepatology 2003;38:518-526',
    inputs: { ast, platelets },
    applies: (_v, who) => (who.upperLimits.ast ?? 0) > 0,
    cautions: (_v, who) => [`With ${who.upperLimits.ast} U/L as the upper limit of AST.`],
    compute: (v, who) => (100 * v.ast) / (who.upperLimits.ast ?? Number.NaN) / v.platelets,
  }),
  equation({
    key: 'globulin',
    name: words('Globulin', '球蛋白', '球蛋白'),
    unit: 'g/L',
    digits: 0,
    loinc: '10834-0',
    expression: 'total protein − albumin',
    source: 'Arithmetic; MedlinePlus Medical Tests, Globulin Test',
    inputs: { protein: { analyte: 'protein-total', unit: 'g/L' }, albumin: { analyte: 'albumin', unit: 'g/L' } },
    refuses: (v) => (v.protein <= v.albumin ? 'Total protein is not above albumin: check both.' : undefined),
    compute: (v) => v.protein - v.albumin,
  }),
];
