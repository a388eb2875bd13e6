import { type Term, type TermRow, termsOf } from './term.ts';

const LOINC = 'http://loinc.org';

const MEASURED: readonly TermRow[] = [
  ['2823-3', 'Potassium', '鉀', '钾', 'mmol/L'],
  ['2951-2', 'Sodium', '鈉', '钠', 'mmol/L'],
  ['14682-9', 'Creatinine', '肌酐', '肌酐', 'umol/L'],
  ['4548-4', 'Hemoglobin A1c', '糖化血紅蛋白', '糖化血红蛋白', '%'],
  ['14749-6', 'Glucose', '葡萄糖', '葡萄糖', 'mmol/L'],
  ['6301-6', 'INR', '國際標準化比值', '国际标准化比值', '{INR}'],
  ['718-7', 'Hemoglobin', '血紅蛋白', '血红蛋白', 'g/dL'],
  ['1742-6', 'Alanine aminotransferase', '丙氨酸轉氨酶', '丙氨酸氨基转移酶', 'U/L'],
  ['3016-3', 'Thyrotropin', '促甲狀腺素', '促甲状腺素', 'm[IU]/L'],
  ['8867-4', 'Heart rate', '心率', '心率', '/min'],
  ['8310-5', 'Body temperature', '體溫', '体温', 'Cel'],
  ['29463-7', 'Body weight', '體重', '体重', 'kg'],
  ['8302-2', 'Body height', '身高', '身高', 'cm'],
  ['59408-5', 'Oxygen saturation', '血氧飽和度', '血氧饱和度', '%'],
];

const ORDERED: readonly TermRow[] = [
  ['58410-2', 'Complete blood count', '全血計數', '全血细胞计数'],
  ['24362-6', 'Renal function', '腎功能', '肾功能'],
  ['24325-3', 'Liver function', '肝功能', '肝功能'],
  ['24331-1', 'Lipid profile', '血脂', '血脂'],
  ['4548-4', 'Hemoglobin A1c', '糖化血紅蛋白', '糖化血红蛋白'],
  ['6301-6', 'INR', '國際標準化比值', '国际标准化比值'],
  ['3016-3', 'Thyrotropin', '促甲狀腺素', '促甲状腺素'],
  ['36643-5', 'Chest X-ray', '胸部X光', '胸部X线'],
  ['24606-6', 'Mammography', '乳房造影', '乳腺X线摄影'],
  ['18746-8', 'Colonoscopy', '大腸鏡檢查', '结肠镜检查'],
];

/** Frequent measurements by their LOINC code; the hint is the usual unit (UCUM). */
export const COMMON_MEASUREMENTS: readonly Term[] = termsOf(LOINC, MEASURED);

/** What is often ordered, by its LOINC code. */
export const COMMON_ORDERS: readonly Term[] = termsOf(LOINC, ORDERED);
