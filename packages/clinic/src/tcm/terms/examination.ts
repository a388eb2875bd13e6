import type { CodedTerm } from '../script.ts';

/** The four examinations (四診). */
export const EXAMINATIONS = [
  { code: 'inspection', en: 'Inspection', zhHant: '望診', zhHans: '望诊' },
  { code: 'listening-smelling', en: 'Listening and smelling', zhHant: '聞診', zhHans: '闻诊' },
  { code: 'inquiry', en: 'Inquiry', zhHant: '問診', zhHans: '问诊' },
  { code: 'palpation', en: 'Palpation', zhHant: '切診', zhHans: '切诊' },
] as const satisfies readonly CodedTerm[];

/** What inspection looks at; the tongue is looked at in body and coating (朱文鋒, 中醫診斷學 2002). */
export const INSPECTION_ITEMS = [
  { code: 'spirit', en: 'Spirit', zhHant: '望神', zhHans: '望神' },
  { code: 'complexion', en: 'Complexion', zhHant: '望色', zhHans: '望色' },
  { code: 'body-bearing', en: 'Body and bearing', zhHant: '望形態', zhHans: '望形态' },
  { code: 'tongue-colour', en: 'Tongue body colour', zhHant: '舌色', zhHans: '舌色' },
  { code: 'tongue-shape', en: 'Tongue body shape', zhHant: '舌形', zhHans: '舌形' },
  { code: 'coating-colour', en: 'Tongue coating colour', zhHant: '苔色', zhHans: '苔色' },
  { code: 'coating-quality', en: 'Tongue coating quality', zhHant: '苔質', zhHans: '苔质' },
] as const satisfies readonly CodedTerm[];

/** What listening and smelling attend to (same book). */
export const LISTENING_ITEMS = [
  { code: 'voice', en: 'Voice', zhHant: '語聲', zhHans: '语声' },
  { code: 'breathing', en: 'Breathing', zhHant: '呼吸', zhHans: '呼吸' },
  { code: 'cough', en: 'Cough', zhHant: '咳嗽', zhHans: '咳嗽' },
  { code: 'odour', en: 'Odour', zhHant: '氣味', zhHans: '气味' },
] as const satisfies readonly CodedTerm[];

/** The ten questions (十問歌 of 陳修園, after 張介賓, 景岳全書·傳忠錄·十問篇), and what is asked of women. */
export const TEN_QUESTIONS = [
  { code: 'cold-heat', en: 'Cold and heat', zhHant: '問寒熱', zhHans: '问寒热' },
  { code: 'sweat', en: 'Sweat', zhHant: '問汗', zhHans: '问汗' },
  { code: 'head-body', en: 'Head and body', zhHant: '問頭身', zhHans: '问头身' },
  { code: 'stool-urine', en: 'Stool and urine', zhHant: '問二便', zhHans: '问二便' },
  { code: 'diet', en: 'Diet and taste', zhHant: '問飲食', zhHans: '问饮食' },
  { code: 'chest-abdomen', en: 'Chest and abdomen', zhHant: '問胸腹', zhHans: '问胸腹' },
  { code: 'hearing', en: 'Hearing', zhHant: '問耳聾', zhHans: '问耳聋' },
  { code: 'thirst', en: 'Thirst', zhHant: '問口渴', zhHans: '问口渴' },
  { code: 'past-illness', en: 'Past illness', zhHant: '問舊病', zhHans: '问旧病' },
  { code: 'cause', en: 'Cause', zhHant: '問病因', zhHans: '问病因' },
  { code: 'menstruation', en: 'Menstruation and births', zhHant: '問經帶胎產', zhHans: '问经带胎产' },
] as const satisfies readonly CodedTerm[];

/** What is observed beside the four examinations. */
export const OTHER_OBSERVATIONS = [
  { code: 'outcome', en: 'Outcome since the last visit', zhHant: '療效', zhHans: '疗效' },
] as const satisfies readonly CodedTerm[];
