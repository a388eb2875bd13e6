import type { Dice } from '../chance/dice.ts';
import { type Code, loinc } from '../concept.ts';
import type { Day } from '../day.ts';
import type { Body } from './body.ts';
import { ckdEpi2021 } from './egfr.ts';

/** Bounds of the healthy, in the analyte's unit; either may be open. */
export interface ReferenceRange {
  low?: number;
  high?: number;
}

/** Something a laboratory measures. */
export interface Analyte {
  loinc: Code;
  en: string;
  zh: string;
  /** UCUM. */
  unit: string;
  /** Decimal places of the report. */
  places: number;
  range: (body: Body) => ReferenceRange;
  /** The value as the analyser reads it, before rounding; `reported` holds what the same sample has already shown. */
  measure: (body: Body, day: Day, dice: Dice, reported: ReadonlyMap<string, number>) => number;
}

const everyone = (low?: number, high?: number) => {
  const range: ReferenceRange = {};
  if (low !== undefined) range.low = low;
  if (high !== undefined) range.high = high;
  return () => range;
};

const bySex = (male: ReferenceRange, female: ReferenceRange) => (body: Body) => (body.sex === 'male' ? male : female);

/** A reading: the true value with the analyser's own spread, never below a floor. */
const read = (value: number, spread: number, dice: Dice, floor = 0) => Math.max(floor, dice.normal(value, spread));

/** How far filtration has fallen below 60, where minerals and blood begin to shift: 0 to 1. */
const renalLoss = (body: Body) => Math.min(1, Math.max(0, (60 - body.filtration) / 50));

/**
 * The analytes. LOINC codes and names from the LOINC Top 2000 list (SI) where they are in it; ranges are those usual for
 * adults in Hong Kong laboratories.
 */
export const ANALYTES = {
  hba1c: {
    loinc: loinc('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'),
    en: 'HbA1c',
    zh: '糖化血紅素',
    unit: '%',
    places: 1,
    range: everyone(4, 5.6),
    measure: (body, _day, dice) => read(body.hba1c.value, 0.08, dice, 3.8),
  },
  glucose: {
    loinc: loinc('14771-0', 'Fasting glucose [Moles/volume] in Serum or Plasma'),
    en: 'Fasting glucose',
    zh: '空腹血糖',
    unit: 'mmol/L',
    places: 1,
    range: everyone(3.9, 5.5),
    // The mean glucose that HbA1c stands for (Nathan et al., Diabetes Care 2008: 1.59 × A1c - 2.59), less what eating adds.
    measure: (body, _day, dice) => read((1.59 * body.hba1c.value - 2.59) * 0.87, 0.35, dice, 3.2),
  },
  sodium: {
    loinc: loinc('2951-2', 'Sodium [Moles/volume] in Serum or Plasma'),
    en: 'Sodium',
    zh: '鈉',
    unit: 'mmol/L',
    places: 0,
    range: everyone(136, 146),
    measure: (_body, _day, dice) => read(140.2, 1.6, dice),
  },
  potassium: {
    loinc: loinc('2823-3', 'Potassium [Moles/volume] in Serum or Plasma'),
    en: 'Potassium',
    zh: '鉀',
    unit: 'mmol/L',
    places: 1,
    range: everyone(3.5, 5.1),
    measure: (body, _day, dice) => read(4.2 + 0.7 * renalLoss(body), 0.22, dice, 3),
  },
  urea: {
    loinc: loinc('22664-7', 'Urea [Moles/volume] in Serum or Plasma'),
    en: 'Urea',
    zh: '尿素',
    unit: 'mmol/L',
    places: 1,
    range: everyone(2.8, 8.1),
    measure: (body, _day, dice) => read(460 / Math.max(18, body.filtration + 10), 0.5, dice, 1.8),
  },
  creatinine: {
    loinc: loinc('14682-9', 'Creatinine [Moles/volume] in Serum or Plasma'),
    en: 'Creatinine',
    zh: '肌酸酐',
    unit: 'umol/L',
    places: 0,
    range: bySex({ low: 65, high: 109 }, { low: 46, high: 82 }),
    measure: (body, day, dice) => body.creatinine(day) * (1 + dice.normal(0, 0.02)),
  },
  egfr: {
    loinc: loinc(
      '98979-8',
      'Glomerular filtration rate [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI 2021)/1.73 sq M',
    ),
    en: 'eGFR (CKD-EPI 2021)',
    zh: '腎小球過濾率估算值',
    unit: 'mL/min/{1.73_m2}',
    places: 0,
    range: everyone(90),
    // Computed from the creatinine of the same sample as reported, never measured by itself.
    measure: (body, day, _dice, reported) =>
      ckdEpi2021(reported.get('creatinine') ?? body.creatinine(day), body.age(day), body.sex),
  },
  cholesterol: {
    loinc: loinc('14647-2', 'Cholesterol [Moles/volume] in Serum or Plasma'),
    en: 'Total cholesterol',
    zh: '總膽固醇',
    unit: 'mmol/L',
    places: 1,
    range: everyone(undefined, 5.2),
    measure: (_body, _day, _dice, reported) =>
      (reported.get('ldl') ?? 0) + (reported.get('hdl') ?? 0) + (reported.get('triglyceride') ?? 0) / 2.2,
  },
  triglyceride: {
    loinc: loinc('14927-8', 'Triglyceride [Moles/volume] in Serum or Plasma'),
    en: 'Triglycerides',
    zh: '三酸甘油酯',
    unit: 'mmol/L',
    places: 1,
    range: everyone(undefined, 1.7),
    measure: (body, _day, dice) => Math.min(4.4, read(body.triglyceride.value, 0.15, dice, 0.4)),
  },
  hdl: {
    loinc: loinc('14646-4', 'Cholesterol in HDL [Moles/volume] in Serum or Plasma'),
    en: 'HDL cholesterol',
    zh: '高密度膽固醇',
    unit: 'mmol/L',
    places: 1,
    range: bySex({ low: 1 }, { low: 1.3 }),
    measure: (body, _day, dice) => read(body.hdl.value, 0.05, dice, 0.6),
  },
  ldl: {
    loinc: loinc('39469-2', 'Cholesterol in LDL [Moles/volume] in Serum or Plasma by calculation'),
    en: 'LDL cholesterol (calculated)',
    zh: '低密度膽固醇',
    unit: 'mmol/L',
    places: 1,
    range: everyone(undefined, 3.4),
    measure: (body, _day, dice) => read(body.ldl.value, 0.12, dice, 0.8),
  },
  albuminuria: {
    loinc: loinc('14959-1', 'Microalbumin/Creatinine [Mass ratio] in Urine'),
    en: 'Urine albumin to creatinine ratio',
    zh: '尿白蛋白與肌酸酐比值',
    unit: 'mg/g',
    places: 0,
    range: everyone(undefined, 30),
    measure: (body, _day, dice) => read(body.albuminuria.value, body.albuminuria.value * 0.12, dice, 2),
  },
  haemoglobin: {
    loinc: loinc('718-7', 'Hemoglobin [Mass/volume] in Blood'),
    en: 'Haemoglobin',
    zh: '血紅蛋白',
    unit: 'g/dL',
    places: 1,
    range: bySex({ low: 13.1, high: 17.3 }, { low: 11.5, high: 15 }),
    measure: (body, _day, dice) => read(body.haemoglobin.value - 3 * renalLoss(body), 0.2, dice, 5),
  },
  haematocrit: {
    loinc: loinc('4544-3', 'Hematocrit [Volume Fraction] of Blood by Automated count'),
    en: 'Haematocrit',
    zh: '血細胞比容',
    unit: '%',
    places: 1,
    range: bySex({ low: 38, high: 50 }, { low: 34, high: 45 }),
    measure: (_body, _day, dice, reported) => read((reported.get('haemoglobin') ?? 13) * 2.98, 0.3, dice),
  },
  leukocytes: {
    loinc: loinc('6690-2', 'Leukocytes [#/volume] in Blood by Automated count'),
    en: 'White cell count',
    zh: '白血球',
    unit: '10*9/L',
    places: 1,
    range: everyone(3.7, 9.2),
    measure: (body, _day, dice) => read(body.leukocytes.value, 0.5, dice, 0.8),
  },
  platelets: {
    loinc: loinc('777-3', 'Platelets [#/volume] in Blood by Automated count'),
    en: 'Platelets',
    zh: '血小板',
    unit: '10*9/L',
    places: 0,
    range: everyone(145, 370),
    measure: (body, _day, dice) => read(body.platelets.value, 8, dice, 30),
  },
  alt: {
    loinc: loinc('1742-6', 'Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma'),
    en: 'ALT',
    zh: '丙氨酸轉氨酶',
    unit: 'U/L',
    places: 0,
    range: bySex({ high: 50 }, { high: 35 }),
    measure: (body, _day, dice) => read(body.alt.value, 2, dice, 6),
  },
  alp: {
    loinc: loinc('6768-6', 'Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma'),
    en: 'ALP',
    zh: '鹼性磷酸酶',
    unit: 'U/L',
    places: 0,
    range: everyone(30, 120),
    measure: (_body, _day, dice) => read(68, 13, dice, 28),
  },
  bilirubin: {
    loinc: loinc('14631-6', 'Bilirubin.total [Moles/volume] in Serum or Plasma'),
    en: 'Total bilirubin',
    zh: '總膽紅素',
    unit: 'umol/L',
    places: 0,
    range: everyone(undefined, 23),
    measure: (_body, _day, dice) => read(11, 3, dice, 3),
  },
  albumin: {
    loinc: loinc('1751-7', 'Albumin [Mass/volume] in Serum or Plasma'),
    en: 'Albumin',
    zh: '白蛋白',
    unit: 'g/L',
    places: 0,
    range: everyone(35, 50),
    measure: (body, _day, dice) => read(43 - 4 * renalLoss(body), 1.6, dice, 20),
  },
  psa: {
    loinc: loinc('2857-1', 'Prostate specific Ag [Mass/volume] in Serum or Plasma'),
    en: 'PSA',
    zh: '前列腺特異抗原',
    unit: 'ug/L',
    places: 2,
    range: everyone(undefined, 4),
    measure: (body, _day, dice) => read(body.psa.value, 0.1, dice, 0.1),
  },
  cea: {
    loinc: loinc('2039-6', 'Carcinoembryonic Ag [Mass/volume] in Serum or Plasma'),
    en: 'CEA',
    zh: '癌胚抗原',
    unit: 'ug/L',
    places: 1,
    range: everyone(undefined, 5),
    measure: (body, _day, dice) => read(body.cea.value, 0.15, dice, 0.5),
  },
} satisfies Record<string, Analyte>;

export type AnalyteKey = keyof typeof ANALYTES;
