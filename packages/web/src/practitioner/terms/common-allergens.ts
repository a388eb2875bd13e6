import { type Term, type TermRow, termsOf } from './term.ts';

const ROWS: readonly TermRow[] = [
  ['91936005', 'Allergy to penicillin', '青黴素過敏', '青霉素过敏', ''],
  ['293586001', 'Allergy to aspirin', '阿士匹靈過敏', '阿司匹林过敏', ''],
  ['300913006', 'Allergy to shellfish', '貝殼類海鮮過敏', '贝壳类海鲜过敏', ''],
  ['91935009', 'Allergy to peanut', '花生過敏', '花生过敏', ''],
];

/** Substances in words, where no code is sure. */
const WORDS: readonly (readonly [en: string, zhHant: string, zhHans: string])[] = [
  ['Allergy to sulfonamides', '磺胺類藥物過敏', '磺胺类药物过敏'],
  ['Allergy to NSAIDs', '非類固醇消炎藥過敏', '非甾体抗炎药过敏'],
  ['Allergy to iodinated contrast', '含碘顯影劑過敏', '碘对比剂过敏'],
  ['Allergy to egg', '雞蛋過敏', '鸡蛋过敏'],
  ['Allergy to latex', '乳膠過敏', '乳胶过敏'],
  ['Allergy to Angelica sinensis (danggui)', '當歸過敏', '当归过敏'],
  ['Allergy to Chrysanthemum (juhua)', '菊花過敏', '菊花过敏'],
];

/** Frequent allergies: by their code of SNOMED CT where it is sure, else in words. */
export const COMMON_ALLERGENS: readonly Term[] = [
  ...termsOf('http://snomed.info/sct', ROWS),
  ...WORDS.map(([en, zhHant, zhHans]) => ({ key: en, names: { en, 'zh-Hant': zhHant, 'zh-Hans': zhHans } })),
];
