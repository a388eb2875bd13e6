import { type Code, icd10, snomed } from '../concept.ts';
import type { FormulaKey } from './formulas.ts';

/** ICD-11 chapter 26 module I; the titles are WHO's (CC BY-ND 3.0 IGO, (c) WHO), unchanged. */
const tm1 = (code: string, display: string): Code => ({
  system: 'http://id.who.int/icd/release/11/mms',
  code,
  display,
});

/** A way in which a complaint shows itself: the pattern, what is seen and felt, and how it is treated. */
export interface Pattern {
  code: Code;
  zh: string;
  /** Codes of the tongue's colour and coating, and of the pulse. */
  tongue: string;
  coating: readonly [colour: string, quality: string];
  pulse: string;
  principle: readonly [code: string, display: string, zh: string];
  formula: FormulaKey;
}

/** A complaint that people bring to Chinese medicine. */
export interface Complaint {
  /** The Western diagnosis of the same problem. */
  western: readonly Code[];
  disorder: Code;
  en: string;
  zh: string;
  /** What the patient says. */
  tells: string;
  sex?: 'female';
  ages: readonly [from: number, to: number];
  weight: number;
  patterns: readonly Pattern[];
  /** WHO codes of points that are needled, with names; none where herbs alone are given. */
  points: readonly (readonly [code: string, pinyin: string, side: 'both' | 'midline'])[];
}

const LIVER_QI = tm1('SF57', 'Liver qi stagnation pattern (TM1)');
const HEART_SPLEEN = tm1('SF6J', 'Heart and spleen systems deficiency pattern (TM1)');
const STASIS = tm1('SF01', 'Blood stasis pattern (TM1)');

export const COMPLAINTS: readonly Complaint[] = [
  {
    western: [snomed('82272006', 'Common cold'), icd10('J00')],
    disorder: tm1('SA60', 'Common cold disorder (TM1)'),
    ...{ en: 'Common cold', zh: '感冒', tells: '鼻塞流涕，惡寒', ages: [12, 99], weight: 10, points: [] },
    patterns: [
      {
        code: tm1('SF8C', 'Wind-cold fettering the lung pattern (TM1)'),
        ...{ zh: '風寒束肺證', tongue: 'pale-red', coating: ['white', 'thin'], pulse: 'floating', formula: 'guizhi' },
        principle: ['release-exterior-cold', 'Release the exterior with pungent warmth', '辛溫解表'],
      },
      {
        code: tm1('SF8A', 'Wind-heat invading the lung pattern (TM1)'),
        ...{ zh: '風熱犯肺證', tongue: 'red', coating: ['yellow', 'thin'], pulse: 'rapid', formula: 'yinqiao' },
        principle: ['release-exterior-heat', 'Release the exterior with pungent cool', '辛涼解表'],
      },
    ],
  },
  {
    western: [snomed('193462001', 'Insomnia'), icd10('G47.0')],
    disorder: tm1('SD84', 'Insomnia disorder (TM1)'),
    ...{ en: 'Insomnia', zh: '不寐', tells: '入睡困難，多夢易醒', ages: [25, 99], weight: 8 },
    points: [
      ['HT7', 'Shénmén', 'both'],
      ['SP6', 'Sānyīnjiāo', 'both'],
      ['GV20', 'Bǎihuì', 'midline'],
    ],
    patterns: [
      {
        code: HEART_SPLEEN,
        ...{ zh: '心脾兩虛證', tongue: 'pale', coating: ['white', 'thin'], pulse: 'thready', formula: 'guipi' },
        principle: ['nourish-heart-spleen', 'Supplement the heart and spleen', '補益心脾'],
      },
      {
        code: tm1('SF54', 'Liver blood deficiency pattern (TM1)'),
        ...{ zh: '肝血虛證', tongue: 'red', coating: ['white', 'thin'], pulse: 'wiry', formula: 'suanzaoren' },
        principle: ['nourish-blood-calm-spirit', 'Nourish the blood and calm the spirit', '養血安神'],
      },
    ],
  },
  {
    western: [snomed('279039007', 'Low back pain'), icd10('M54.5')],
    disorder: tm1('SC61', 'Lumbago disorder (TM1)'),
    ...{ en: 'Low back pain', zh: '腰痛', tells: '腰部痠痛，久坐加重', ages: [25, 99], weight: 12 },
    points: [
      ['BL23', 'Shènshū', 'both'],
      ['BL40', 'Wěizhōng', 'both'],
      ['GV4', 'Mìngmén', 'midline'],
    ],
    patterns: [
      {
        code: tm1('SF97', 'Kidney yang deficiency pattern (TM1)'),
        ...{ zh: '腎陽虛證', tongue: 'pale', coating: ['white', 'slippery'], pulse: 'deep', formula: 'duhuojisheng' },
        principle: ['dispel-wind-damp', 'Dispel wind-dampness and relieve impediment', '祛風除濕'],
      },
    ],
  },
  {
    western: [snomed('266599000', 'Dysmenorrhea'), icd10('N94.6')],
    disorder: tm1('SB96', 'Dysmenorrhea disorder (TM1)'),
    ...{ en: 'Dysmenorrhoea', zh: '痛經', tells: '經行腹痛，得溫則減', sex: 'female', ages: [14, 48], weight: 9 },
    points: [
      ['CV4', 'Guānyuán', 'midline'],
      ['SP6', 'Sānyīnjiāo', 'both'],
    ],
    patterns: [
      {
        code: tm1('SF9C', 'Cold stagnation in the uterus pattern (TM1)'),
        ...{ zh: '寒凝胞宮證', tongue: 'pale', coating: ['white', 'moist'], pulse: 'tight', formula: 'shaofu' },
        principle: ['warm-menses', 'Warm the channels and dissipate cold', '溫經散寒'],
      },
      {
        code: LIVER_QI,
        ...{ zh: '肝氣鬱結證', tongue: 'pale-red', coating: ['white', 'thin'], pulse: 'wiry', formula: 'xiaoyao' },
        principle: ['course-liver', 'Course the liver and resolve constraint', '疏肝解鬱'],
      },
    ],
  },
  {
    western: [snomed('10743008', 'Irritable bowel syndrome'), icd10('K58.9')],
    disorder: tm1('SA55', 'Diarrhea disorder (TM1)'),
    ...{ en: 'Irritable bowel syndrome', zh: '泄瀉', tells: '腹痛即瀉，瀉後痛減', ages: [18, 75], weight: 7 },
    points: [
      ['ST25', 'Tiānshū', 'both'],
      ['ST36', 'Zúsānlǐ', 'both'],
    ],
    patterns: [
      {
        code: tm1('SF5J', 'Disharmony of liver and spleen systems pattern (TM1)'),
        ...{ zh: '肝脾不和證', tongue: 'pale-red', coating: ['white', 'thin'], pulse: 'wiry', formula: 'tongxie' },
        principle: ['course-liver-fortify-spleen', 'Course the liver and fortify the spleen', '疏肝健脾'],
      },
      {
        code: tm1('SF79', 'Spleen deficiency with dampness accumulation pattern (TM1)'),
        ...{ zh: '脾虛濕盛證', tongue: 'pale', coating: ['white', 'greasy'], pulse: 'slippery', formula: 'shenling' },
        principle: ['fortify-spleen-drain-damp', 'Fortify the spleen and drain dampness', '健脾滲濕'],
      },
    ],
  },
  {
    western: [icd10('N95.1')],
    disorder: tm1('SB95', 'Menopausal disorder (TM1)'),
    ...{
      en: 'Menopausal symptoms',
      zh: '絕經前後諸症',
      tells: '烘熱汗出，心煩',
      sex: 'female',
      ages: [45, 58],
      weight: 12,
    },
    points: [
      ['KI3', 'Tàixī', 'both'],
      ['SP6', 'Sānyīnjiāo', 'both'],
    ],
    patterns: [
      {
        code: tm1('SF94', 'Kidney yin and yang deficiency pattern (TM1)'),
        ...{ zh: '腎陰陽兩虛證', tongue: 'red', coating: ['white', 'thin'], pulse: 'thready', formula: 'erxian' },
        principle: ['regulate-yin-yang', 'Regulate yin and yang', '調補陰陽'],
      },
    ],
  },
  {
    western: [icd10('I69.4')],
    disorder: tm1('SD31', 'Sequela of wind stroke disorder (TM1)'),
    ...{ en: 'Sequelae of stroke', zh: '中風後遺症', tells: '半身不遂，肢體乏力', ages: [60, 99], weight: 3 },
    points: [
      ['LI11', 'Qūchí', 'both'],
      ['ST36', 'Zúsānlǐ', 'both'],
      ['GB34', 'Yánglíngquán', 'both'],
    ],
    patterns: [
      {
        code: STASIS,
        ...{ zh: '氣虛血瘀證', tongue: 'purple', coating: ['white', 'thin'], pulse: 'rough', formula: 'buyanghuanwu' },
        principle: ['boost-qi-move-blood', 'Boost qi and move the blood', '益氣活血'],
      },
    ],
  },
];
