import { type Code, loinc } from '../concept.ts';
import type { AnalyteKey } from './analytes.ts';

/** Groups of analytes that one order asks for. A derived analyte comes after what it is derived from. */
export const PANELS = {
  glycaemia: {
    code: loinc('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'),
    en: 'Glycaemic control',
    zh: '血糖控制',
    analytes: ['hba1c', 'glucose'],
  },
  renal: {
    code: loinc('24362-6', 'Renal function 2000 panel - Serum or Plasma'),
    en: 'Renal function',
    zh: '腎功能',
    analytes: ['sodium', 'potassium', 'urea', 'creatinine', 'egfr'],
  },
  lipids: {
    code: loinc('24331-1', 'Lipid 1996 panel - Serum or Plasma'),
    en: 'Lipid profile',
    zh: '血脂',
    analytes: ['triglyceride', 'hdl', 'ldl', 'cholesterol'],
  },
  urine: {
    code: loinc('14959-1', 'Microalbumin/Creatinine [Mass ratio] in Urine'),
    en: 'Urine albumin',
    zh: '尿白蛋白',
    analytes: ['albuminuria'],
  },
  blood: {
    code: loinc('58410-2', 'CBC panel - Blood by Automated count'),
    en: 'Complete blood picture',
    zh: '全血計數',
    analytes: ['haemoglobin', 'haematocrit', 'leukocytes', 'platelets'],
  },
  liver: {
    code: loinc('24325-3', 'Hepatic function 2000 panel - Serum or Plasma'),
    en: 'Liver function',
    zh: '肝功能',
    analytes: ['alt', 'alp', 'bilirubin', 'albumin'],
  },
  prostate: {
    code: loinc('2857-1', 'Prostate specific Ag [Mass/volume] in Serum or Plasma'),
    en: 'PSA',
    zh: '前列腺特異抗原',
    analytes: ['psa'],
  },
  cea: {
    code: loinc('2039-6', 'Carcinoembryonic Ag [Mass/volume] in Serum or Plasma'),
    en: 'CEA',
    zh: '癌胚抗原',
    analytes: ['cea'],
  },
} as const satisfies Record<string, { code: Code; en: string; zh: string; analytes: readonly AnalyteKey[] }>;

export type PanelKey = keyof typeof PANELS;
