import type { CodedTerm } from '../script.ts';

/** Colours of the tongue body (朱文鋒, 中醫診斷學 2002, 望舌質). */
export const TONGUE_COLOURS = [
  { code: 'pale-red', en: 'Pale red (usual)', zhHant: '淡紅', zhHans: '淡红' },
  { code: 'pale', en: 'Pale', zhHant: '淡白', zhHans: '淡白' },
  { code: 'red', en: 'Red', zhHant: '紅', zhHans: '红' },
  { code: 'crimson', en: 'Crimson', zhHant: '絳', zhHans: '绛' },
  { code: 'purple', en: 'Bluish purple', zhHant: '青紫', zhHans: '青紫' },
] as const satisfies readonly CodedTerm[];

/** Shapes and bearing of the tongue body (same chapter, 望舌形, 望舌態). */
export const TONGUE_SHAPES = [
  { code: 'old', en: 'Tough', zhHant: '老', zhHans: '老' },
  { code: 'tender', en: 'Tender', zhHant: '嫩', zhHans: '嫩' },
  { code: 'swollen', en: 'Swollen', zhHant: '胖大', zhHans: '胖大' },
  { code: 'thin', en: 'Thin', zhHant: '瘦薄', zhHans: '瘦薄' },
  { code: 'tooth-marked', en: 'Tooth-marked', zhHant: '齒痕', zhHans: '齿痕' },
  { code: 'cracked', en: 'Cracked', zhHant: '裂紋', zhHans: '裂纹' },
  { code: 'prickly', en: 'Prickly', zhHant: '點刺', zhHans: '点刺' },
  { code: 'stiff', en: 'Stiff', zhHant: '強硬', zhHans: '强硬' },
  { code: 'deviated', en: 'Deviated', zhHant: '歪斜', zhHans: '歪斜' },
  { code: 'trembling', en: 'Trembling', zhHant: '顫動', zhHans: '颤动' },
  { code: 'flaccid', en: 'Flaccid', zhHant: '痿軟', zhHans: '痿软' },
] as const satisfies readonly CodedTerm[];

/** Colours of the tongue coating (same chapter, 望苔色). */
export const COATING_COLOURS = [
  { code: 'white', en: 'White', zhHant: '白', zhHans: '白' },
  { code: 'yellow', en: 'Yellow', zhHant: '黃', zhHans: '黄' },
  { code: 'grey-black', en: 'Grey or black', zhHant: '灰黑', zhHans: '灰黑' },
] as const satisfies readonly CodedTerm[];

/** Qualities of the tongue coating (same chapter, 望苔質). */
export const COATING_QUALITIES = [
  { code: 'thin', en: 'Thin', zhHant: '薄', zhHans: '薄' },
  { code: 'thick', en: 'Thick', zhHant: '厚', zhHans: '厚' },
  { code: 'moist', en: 'Moist', zhHant: '潤', zhHans: '润' },
  { code: 'slippery', en: 'Slippery', zhHant: '滑', zhHans: '滑' },
  { code: 'dry', en: 'Dry', zhHant: '燥', zhHans: '燥' },
  { code: 'greasy', en: 'Greasy', zhHant: '膩', zhHans: '腻' },
  { code: 'curdy', en: 'Curdy', zhHant: '腐', zhHans: '腐' },
  { code: 'peeled', en: 'Peeled', zhHant: '剝落', zhHans: '剥落' },
  { code: 'none', en: 'No coating', zhHant: '無苔', zhHans: '无苔' },
] as const satisfies readonly CodedTerm[];
