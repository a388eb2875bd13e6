import type { CodedTerm } from '../script.ts';

/** The twenty-seven pulses of 李時珍, 瀕湖脈學 (1564), and 疾, the twenty-eighth, of 李中梓, 診家正眼. */
export const PULSES = [
  { code: 'floating', en: 'Floating', zhHant: '浮', zhHans: '浮' },
  { code: 'deep', en: 'Deep', zhHant: '沉', zhHans: '沉' },
  { code: 'slow', en: 'Slow', zhHant: '遲', zhHans: '迟' },
  { code: 'rapid', en: 'Rapid', zhHant: '數', zhHans: '数' },
  { code: 'slippery', en: 'Slippery', zhHant: '滑', zhHans: '滑' },
  { code: 'rough', en: 'Rough', zhHant: '澀', zhHans: '涩' },
  { code: 'vacuous', en: 'Vacuous', zhHant: '虛', zhHans: '虚' },
  { code: 'replete', en: 'Replete', zhHant: '實', zhHans: '实' },
  { code: 'long', en: 'Long', zhHant: '長', zhHans: '长' },
  { code: 'short', en: 'Short', zhHant: '短', zhHans: '短' },
  { code: 'surging', en: 'Surging', zhHant: '洪', zhHans: '洪' },
  { code: 'faint', en: 'Faint', zhHant: '微', zhHans: '微' },
  { code: 'tight', en: 'Tight', zhHant: '緊', zhHans: '紧' },
  { code: 'moderate', en: 'Moderate', zhHant: '緩', zhHans: '缓' },
  { code: 'hollow', en: 'Hollow', zhHant: '芤', zhHans: '芤' },
  { code: 'wiry', en: 'Wiry', zhHant: '弦', zhHans: '弦' },
  { code: 'leathery', en: 'Leathery', zhHant: '革', zhHans: '革' },
  { code: 'firm', en: 'Firm', zhHant: '牢', zhHans: '牢' },
  { code: 'soft', en: 'Soft', zhHant: '濡', zhHans: '濡' },
  { code: 'weak', en: 'Weak', zhHant: '弱', zhHans: '弱' },
  { code: 'scattered', en: 'Scattered', zhHant: '散', zhHans: '散' },
  { code: 'thready', en: 'Thready', zhHant: '細', zhHans: '细' },
  { code: 'hidden', en: 'Hidden', zhHant: '伏', zhHans: '伏' },
  { code: 'stirring', en: 'Stirring', zhHant: '動', zhHans: '动' },
  { code: 'skipping', en: 'Skipping', zhHant: '促', zhHans: '促' },
  { code: 'knotted', en: 'Knotted', zhHant: '結', zhHans: '结' },
  { code: 'intermittent', en: 'Intermittent', zhHant: '代', zhHans: '代' },
  { code: 'racing', en: 'Racing', zhHant: '疾', zhHans: '疾' },
] as const satisfies readonly CodedTerm[];

/** The three positions of the radial pulse on both wrists (寸關尺). */
export const PULSE_POSITIONS = [
  { code: 'left-cun', en: 'Left cun', zhHant: '左寸', zhHans: '左寸' },
  { code: 'left-guan', en: 'Left guan', zhHant: '左關', zhHans: '左关' },
  { code: 'left-chi', en: 'Left chi', zhHant: '左尺', zhHans: '左尺' },
  { code: 'right-cun', en: 'Right cun', zhHant: '右寸', zhHans: '右寸' },
  { code: 'right-guan', en: 'Right guan', zhHant: '右關', zhHans: '右关' },
  { code: 'right-chi', en: 'Right chi', zhHant: '右尺', zhHans: '右尺' },
  { code: 'both', en: 'Both wrists, overall', zhHant: '雙手總按', zhHans: '双手总按' },
] as const satisfies readonly CodedTerm[];

/** How deep the fingers press (浮取, 中取, 沉取). */
export const PULSE_DEPTHS = [
  { code: 'superficial', en: 'Superficial', zhHant: '浮取', zhHans: '浮取' },
  { code: 'middle', en: 'Middle', zhHant: '中取', zhHans: '中取' },
  { code: 'deep', en: 'Deep', zhHant: '沉取', zhHans: '沉取' },
] as const satisfies readonly CodedTerm[];
