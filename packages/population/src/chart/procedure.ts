import type { Resource } from '@meridian/fhir';
import { conceptOf, type Reference, snomed, type Term } from '../concept.ts';
import type { Visit } from './visit.ts';

const term = (code: string, display: string, en: string, zh: string): Term => ({
  codes: [snomed(code, display)],
  en,
  zh,
});

/** Procedures by SNOMED CT code. */
export const PROCEDURES = {
  colonoscopy: term('73761001', 'Colonoscopy', 'Colonoscopy', '大腸鏡檢查'),
  colectomy: term('43075005', 'Partial resection of colon', 'Partial colectomy', '部分結腸切除術'),
  lumpectomy: term('392021009', 'Lumpectomy of breast', 'Breast-conserving surgery', '乳房保留手術'),
  chemotherapy: term('367336001', 'Chemotherapy', 'Chemotherapy', '化學治療'),
  radiotherapy: term('108290001', 'Radiation oncology AND/OR radiotherapy', 'Radiotherapy', '放射治療'),
  caesarean: term('11466000', 'Cesarean section', 'Caesarean section', '剖腹分娩'),
  delivery: term('177184002', 'Normal delivery procedure', 'Normal vaginal delivery', '順產'),
  immobilisation: term('274474001', 'Bone immobilization', 'Plaster immobilisation', '石膏固定'),
  suture: term('288086009', 'Suture open wound', 'Suture of wound', '傷口縫合'),
  dialysis: term('265764009', 'Renal dialysis', 'Dialysis', '透析治療'),
  hipReplacement: term('52734007', 'Total replacement of hip', 'Total hip replacement', '全髖關節置換術'),
} as const satisfies Record<string, Term>;

/** Records a procedure done during a visit, over some minutes. */
export function perform(visit: Visit, key: keyof typeof PROCEDURES, minutes: number, reason?: Reference): Resource {
  return visit.add('Procedure', {
    status: 'completed',
    code: conceptOf(PROCEDURES[key]),
    ...visit.context,
    performedPeriod: { start: visit.time(30), end: visit.time(30 + minutes) },
    performer: [{ actor: visit.clinician }],
    ...(reason === undefined ? {} : { reasonReference: [reason] }),
  });
}
