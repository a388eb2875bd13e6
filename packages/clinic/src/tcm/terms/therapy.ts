import type { CodedTerm } from '../script.ts';

/** How a formula is dispensed. */
export const DISPENSED_FORMS = [
  { code: 'raw', en: 'Raw pieces for decoction', zhHant: '飲片', zhHans: '饮片' },
  { code: 'granules', en: 'Concentrated granules', zhHant: '配方顆粒', zhHans: '配方颗粒' },
  { code: 'pill', en: 'Pills', zhHant: '丸劑', zhHans: '丸剂' },
  { code: 'powder', en: 'Powder', zhHant: '散劑', zhHans: '散剂' },
] as const satisfies readonly CodedTerm[];

/** Treatments by hand (針灸推拿). */
export const PROCEDURES = [
  { code: 'acupuncture', en: 'Acupuncture', zhHant: '針刺', zhHans: '针刺' },
  { code: 'electroacupuncture', en: 'Electroacupuncture', zhHant: '電針', zhHans: '电针' },
  { code: 'moxibustion', en: 'Moxibustion', zhHant: '艾灸', zhHans: '艾灸' },
  { code: 'cupping', en: 'Cupping', zhHant: '拔罐', zhHans: '拔罐' },
  { code: 'tuina', en: 'Tuina', zhHant: '推拿', zhHans: '推拿' },
] as const satisfies readonly CodedTerm[];

/** Side of a paired point. */
export const SIDES = [
  { code: 'left', en: 'Left', zhHant: '左', zhHans: '左' },
  { code: 'right', en: 'Right', zhHant: '右', zhHans: '右' },
  { code: 'both', en: 'Both sides', zhHant: '雙側', zhHans: '双侧' },
  { code: 'midline', en: 'Midline', zhHant: '正中', zhHans: '正中' },
] as const satisfies readonly CodedTerm[];

/** How a point is stimulated. */
export const STIMULATIONS = [
  { code: 'reinforcing', en: 'Reinforcing', zhHant: '補法', zhHans: '补法' },
  { code: 'reducing', en: 'Reducing', zhHant: '瀉法', zhHans: '泻法' },
  { code: 'even', en: 'Even', zhHant: '平補平瀉', zhHans: '平补平泻' },
  { code: 'electric', en: 'Electric', zhHant: '電針刺激', zhHans: '电针刺激' },
  { code: 'direct-moxa', en: 'Direct moxibustion', zhHant: '直接灸', zhHans: '直接灸' },
  { code: 'indirect-moxa', en: 'Indirect moxibustion', zhHant: '間接灸', zhHans: '间接灸' },
  { code: 'moxa-stick', en: 'Moxa stick', zhHant: '艾條灸', zhHans: '艾条灸' },
  { code: 'warm-needle', en: 'Warm needle', zhHant: '溫針灸', zhHans: '温针灸' },
  { code: 'retained-cup', en: 'Retained cupping', zhHant: '留罐', zhHans: '留罐' },
  { code: 'moving-cup', en: 'Moving cupping', zhHant: '走罐', zhHans: '走罐' },
  { code: 'flash-cup', en: 'Flash cupping', zhHant: '閃罐', zhHans: '闪罐' },
  { code: 'pressing', en: 'Pressing', zhHant: '按法', zhHans: '按法' },
  { code: 'kneading', en: 'Kneading', zhHant: '揉法', zhHans: '揉法' },
  { code: 'rolling', en: 'Rolling', zhHant: '㨰法', zhHans: '㨰法' },
  { code: 'grasping', en: 'Grasping', zhHant: '拿法', zhHans: '拿法' },
] as const satisfies readonly CodedTerm[];

/** Treatment principles that examples and demonstration data use (names after GB/T 16751.3, 治法); others are given as text. */
export const PRINCIPLES = [
  {
    code: 'release-exterior-cold',
    en: 'Release the exterior with pungent warmth',
    zhHant: '辛溫解表',
    zhHans: '辛温解表',
  },
  {
    code: 'release-exterior-heat',
    en: 'Release the exterior with pungent cool',
    zhHant: '辛涼解表',
    zhHans: '辛凉解表',
  },
  { code: 'course-liver', en: 'Course the liver and resolve constraint', zhHant: '疏肝解鬱', zhHans: '疏肝解郁' },
  {
    code: 'course-liver-fortify-spleen',
    en: 'Course the liver and fortify the spleen',
    zhHant: '疏肝健脾',
    zhHans: '疏肝健脾',
  },
  { code: 'nourish-heart-spleen', en: 'Supplement the heart and spleen', zhHant: '補益心脾', zhHans: '补益心脾' },
  {
    code: 'nourish-blood-calm-spirit',
    en: 'Nourish the blood and calm the spirit',
    zhHant: '養血安神',
    zhHans: '养血安神',
  },
  { code: 'nourish-liver-kidney', en: 'Nourish the liver and kidney', zhHant: '滋補肝腎', zhHans: '滋补肝肾' },
  { code: 'warm-menses', en: 'Warm the channels and dissipate cold', zhHant: '溫經散寒', zhHans: '温经散寒' },
  { code: 'boost-qi-move-blood', en: 'Boost qi and move the blood', zhHant: '益氣活血', zhHans: '益气活血' },
  {
    code: 'fortify-spleen-drain-damp',
    en: 'Fortify the spleen and drain dampness',
    zhHant: '健脾滲濕',
    zhHans: '健脾渗湿',
  },
  { code: 'move-blood', en: 'Move the blood and resolve stasis', zhHant: '活血化瘀', zhHans: '活血化瘀' },
  {
    code: 'dispel-wind-damp',
    en: 'Dispel wind-dampness and relieve impediment',
    zhHant: '祛風除濕',
    zhHans: '祛风除湿',
  },
  { code: 'calm-liver', en: 'Calm the liver and subdue yang', zhHant: '平肝潛陽', zhHans: '平肝潜阳' },
  { code: 'regulate-yin-yang', en: 'Regulate yin and yang', zhHant: '調補陰陽', zhHans: '调补阴阳' },
] as const satisfies readonly CodedTerm[];

/** Outcome since the last visit, in the four grades of Chinese-medicine trials (痊癒, 顯效, 有效, 無效) and worse. */
export const OUTCOMES = [
  { code: 'cured', en: 'Cured', zhHant: '痊癒', zhHans: '痊愈' },
  { code: 'markedly-better', en: 'Markedly better', zhHant: '顯效', zhHans: '显效' },
  { code: 'better', en: 'Better', zhHant: '有效', zhHans: '有效' },
  { code: 'unchanged', en: 'Unchanged', zhHant: '無效', zhHans: '无效' },
  { code: 'worse', en: 'Worse', zhHant: '加重', zhHans: '加重' },
] as const satisfies readonly CodedTerm[];
