import { fileDocument } from '../chart/document.ts';
import type { Visit } from '../chart/visit.ts';
import type { Term } from '../concept.ts';
import { isoDate } from '../day.ts';
import { titledName } from '../institutions/practitioners.ts';
import type { Life } from '../life.ts';
import { chineseText, englishText } from '../people/name.ts';

/** What a discharge summary tells, in both languages. */
export interface Stay {
  diagnosis: Term;
  story: string;
  storyZh: string;
  plan: string;
  planZh: string;
}

/** Files a discharge summary: two in three in English with Chinese phrases, the rest wholly Chinese. */
export function dischargeSummary(visit: Visit, life: Life, stay: Stay): void {
  const { person } = life;
  const age = life.age(visit.day);
  const date = isoDate(visit.day);
  if (visit.dice.happens(1 / 3)) {
    const sex = person.sex === 'male' ? '男' : '女';
    const text = [
      '出院摘要',
      `姓名：${chineseText(person.name)}　性別：${sex}　年齡：${age}歲　入院日期：${date}`,
      `診斷：${stay.diagnosis.zh}`,
      `病情及治療：${stay.storyZh}`,
      `出院安排：${stay.planZh}`,
      `主診：${titledName(visit.practitioner)}`,
    ];
    fileDocument(visit, 'discharge', `${text.join('\n')}\n`, 'zh-HK');
    return;
  }
  const text = [
    'DISCHARGE SUMMARY 出院摘要',
    `Patient: ${englishText(person.name)} ${chineseText(person.name)}, ${age} y, ${person.sex}. Admitted ${date}.`,
    `Diagnosis: ${stay.diagnosis.en} (${stay.diagnosis.zh})`,
    `Course: ${stay.story}`,
    `Plan: ${stay.plan} ${stay.planZh}`,
    `Signed: ${titledName(visit.practitioner)}`,
  ];
  fileDocument(visit, 'discharge', `${text.join('\n')}\n`, 'en');
}

/** Files a consultation note in English with Chinese phrases. */
export function consultationNote(visit: Visit, life: Life, finding: string, plan: string): void {
  const { person } = life;
  const text = [
    'CONSULTATION NOTE 診症紀錄',
    `${englishText(person.name)} ${chineseText(person.name)}, ${life.age(visit.day)} y, ${person.sex}. ${isoDate(visit.day)}.`,
    `Assessment: ${finding}`,
    `Plan: ${plan} 已向病人解釋。`,
    `Signed: ${titledName(visit.practitioner)}`,
  ];
  fileDocument(visit, 'consultation', `${text.join('\n')}\n`, 'en');
}

/** Files the note of a full review, with the results that matter most. */
export function reviewNote(visit: Visit, life: Life, results: ReadonlyMap<string, number>): void {
  const shown = [
    ['HbA1c', 'hba1c', '%'],
    ['creatinine', 'creatinine', 'umol/L'],
    ['eGFR', 'egfr', 'mL/min/1.73 m2'],
    ['LDL', 'ldl', 'mmol/L'],
  ].flatMap(([name, key, unit]) => {
    const value = results.get(key!);
    return value === undefined ? [] : [`${name} ${value} ${unit}`];
  });
  const medicines = life.regimen.list().join(', ');
  consultationNote(
    visit,
    life,
    `Chronic illness review 慢性病覆診. ${shown.join('; ')}.`,
    `${medicines === '' ? 'No regular medicine' : `Continue ${medicines}`}; return in six months 半年後覆診.`,
  );
}
