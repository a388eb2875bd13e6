import { CHINESE_NUMBER, chineseNumber, ENGLISH_NUMBER, englishNumber } from './numbers.ts';
import type { Span } from './span.ts';

/** What is to be done. */
export type FollowUpKind = 'imaging' | 'laboratory' | 'endoscopy' | 'biopsy' | 'referral' | 'visit' | 'other';

/** When: a duration from the report on, or its two ends, in UCUM units of time. */
export interface FollowUpTime extends Span {
  low: number;
  high: number;
  unit: 'd' | 'wk' | 'mo' | 'a';
}

/** Something that a report recommends to be done. */
export interface FollowUp extends Span {
  kind: FollowUpKind;
  /** The words that say what. */
  what: Span;
  when?: FollowUpTime;
  /** Only if something happens ("if symptoms persist", 如有不適). */
  conditional: boolean;
}

const ASKS =
  /\b(?:recommend(?:ed|s|ation)?|suggest(?:ed|s)?|advis(?:e|ed|es|able)|repeat|re-?check|re-?assess|review|follow(?:ed)?[- ]?up|f\/u|refer(?:red|ral)?|return|arrange|schedule|surveillance|should (?:be|have|undergo)|to be repeated|see (?:your )?(?:gp|doctor)|see (?:us|me)|appointment|book(?:ed)?)\b|建議|建议|宜|囑|嘱|請於|请于|復查|复查|複查|覆查|覆診|复诊|復診|複診|隨訪|随访|跟進|跟进|轉介|转介|轉診|转诊|定期|安排|需作|預約|预约/i;
const NOT_ASKED =
  /\bno (?:further |routine |additional |specific )?(?:follow[- ]?up|imaging|investigation|surveillance|action|treatment)|\bnot (?:required|recommended|indicated|necessary|needed)|無需|无需|毋須|毋须|不需|不必|毋需|無須|无须/i;
const REPORTED =
  /\b(?:follow[- ]?up (?:ct|mri|study|scan|examination|of|for)[^.]{0,40}(?:shows?|showed|demonstrates?)|on review|reviewed|was (?:referred|reviewed|followed|advised))\b|[复復複覆][查診诊][^，。,]{0,12}(?:示|見|见)/i;

/** What, by the words that name it; the first that fits decides. */
const KINDS: readonly (readonly [FollowUpKind, RegExp])[] = [
  ['biopsy', /\b(?:biops(?:y|ies)|FNA|fine needle aspiration|histolog\w+)\b|活檢|活检|穿刺|切片檢查|活組織/i],
  [
    'endoscopy',
    /\b(?:colonoscopy|endoscopy|OGD|gastroscopy|cystoscopy|bronchoscopy|sigmoidoscopy)\b|胃鏡|胃镜|腸鏡|肠镜|內鏡|内镜|膀胱鏡|支氣管鏡/i,
  ],
  [
    'imaging',
    /\b(?:(?:low[- ]dose |contrast )?(?:CT|MRI|MRCP|PET(?:[-/ ]CT)?|ultrasound|USG|USS|US(?= (?:abdomen|pelvis|neck|kidneys?|thyroid|liver|breast|doppler|scan))|x-?ray|CXR|radiograph|mammogra(?:m|phy)|imaging|scan|echocardiogra(?:m|phy)|echo|DEXA|angiogra(?:m|phy)))\b|電腦掃描|計算機斷層|磁力共振|磁共振|超聲(?:波)?(?:檢查)?|超声(?:检查)?|彩超|B超|X光|X線|X线|胸片|造影|平片|鉬靶|乳房攝影|影像|增強掃描|骨密度/i,
  ],
  [
    'laboratory',
    /\b(?:blood tests?|bloods|LFTs?|liver function|RFT|renal function|CBC|FBC|full blood count|HbA1c|creatinine|PSA|AFP|TFTs?|thyroid function|lipid(?: profile)?s?|INR|glucose|cultures?|urinalysis|sputum|electrolytes|potassium|ferritin|tumou?r markers?)\b|驗血|验血|抽血|血常規|血常规|肝功能|腎功能|肾功能|血糖|血脂|糖化血紅蛋白|甲胎蛋白|甲狀腺功能|尿常規|尿检|尿檢|凝血|痰培養|電解質/i,
  ],
  [
    'referral',
    /\b(?:refer(?:red|ral)?(?: to)?|consult(?:ation)?|(?:cardiology|surgical|respiratory|urology|gynaecology|neurology|oncology|ENT|orthopaedic|dermatology|ophthalmology|haematology|physiotherapy|dietitian|endocrine) (?:clinic|review|opinion|referral|team|consultation|assessment))\b|轉介|转介|轉診|转诊|會診|会诊|專科|专科/i,
  ],
  [
    'visit',
    /\b(?:clinic|follow[- ]?up|f\/u|review|GP|outpatient|appointment|OPD|return|see (?:us|me))\b|覆診|复诊|復診|複診|門診|门诊|隨訪|随访|跟進|跟进|返診/i,
  ],
  ['other', /\b(?:repeat|re-?check|re-?assess|surveillance|correlation)\b|復查|复查|複查|覆查/i],
];

/** Of these several may be asked for at once. */
const TESTS = KINDS.filter(([kind]) => ['biopsy', 'endoscopy', 'imaging', 'laboratory'].includes(kind));

const UNIT_OF: Readonly<Record<string, FollowUpTime['unit']>> = {
  day: 'd',
  week: 'wk',
  wk: 'wk',
  month: 'mo',
  mo: 'mo',
  year: 'a',
  yr: 'a',
  天: 'd',
  日: 'd',
  週: 'wk',
  周: 'wk',
  星期: 'wk',
  月: 'mo',
  年: 'a',
};
const ENGLISH_TIME = new RegExp(
  `\\b(?:in|within|after|at|every|for|over)?\\s?(?:about |approximately |the next )?(?<low>${ENGLISH_NUMBER})(?:\\s?(?:-|–|to|or)\\s?(?<high>${ENGLISH_NUMBER}))?[\\s-]?(?:more |further )?(?<unit>day|week|wk|month|mo|year|yr)s?(?!\\s?(?:history|ago|old|hx|-old|of age))\\b`,
  'gi',
);
const YEARLY = /\b(?:annual(?:ly)?|yearly|every year|next year)\b|每年|一年一次|年度|明年/i;
// 3月 alone is March and 5日 the fifth: a month is counted with 個, a day or a bare month only when 後 or 內 follows.
const CHINESE_TIME = new RegExp(
  `(?<!\\d)(?<low>${CHINESE_NUMBER})(?:\\s?(?:-|–|~|～|至|到|或)\\s?(?<high>${CHINESE_NUMBER}))?\\s?` +
    '(?<unit>[個个]月|[個个]?星期|[個个]?[週周]|年(?!前|\\d)|天|(?:月|日)(?=[後后內内]))(?!前)(?:後|后|內|内|之內|左右)?',
  'gu',
);
const CONDITION = /\b(?:if|unless|should (?:symptoms|there|he|she|you|the)|in case)\b|如(?!下|前|上|常|無)|若|倘|一旦/i;
/** Of a longer sentence only the beginning is looked at, in characters; and no more joints than this. */
const LONGEST = 400;
const MOST_PARTS = 8;

/**
 * The recommendations of one sentence. Each names what is to be done; a sentence that only reports an earlier follow-up, or says
 * that none is needed, gives none. `text` is the whole report; offsets are the report's.
 */
export function followUpsOf(text: string, sentence: Span): FollowUp[] {
  return partsOf(text, sentence).flatMap((part) => {
    const words = text.slice(part.start, part.end);
    if (!ASKS.test(words) || NOT_ASKED.test(words) || REPORTED.test(words)) return [];
    const when = timeOf(words, part.start);
    const conditional = CONDITION.test(words);
    return namedIn(words, part.start).map(({ kind, ...what }) => ({
      ...part,
      kind,
      what,
      ...(when && { when }),
      conditional,
    }));
  });
}

interface Named extends Span {
  kind: FollowUpKind;
}

/** What the words name: each of the tests that are joined ("PET-CT and biopsy"), otherwise the first thing that fits. */
function namedIn(words: string, offset: number): Named[] {
  const joints = [...words.matchAll(/\s(?:and|plus)\s|[及和、]/g)].slice(0, MOST_PARTS).map(({ index }) => index);
  const tests = [0, ...joints].flatMap((from, index) => {
    return firstOf(TESTS, words.slice(from, joints[index]), offset + from) ?? [];
  });
  return tests.length > 1 ? tests : [firstOf(KINDS, words, offset) ?? []].flat();
}

function firstOf(kinds: typeof KINDS, words: string, offset: number): Named | undefined {
  for (const [kind, pattern] of kinds) {
    const match = pattern.exec(words);
    if (match) return { kind, start: offset + match.index, end: offset + match.index + match[0].length };
  }
  return undefined;
}

/** Recommendations joined by "and" or a comma are apart when each names something of its own and a time of its own. */
function partsOf(text: string, { start, end }: Span): Span[] {
  const words = text.slice(start, Math.min(end, start + LONGEST));
  const cuts = [...words.matchAll(/,?\s+and\s+(?=\S)|,\s+then\s+|[，,]\s*|並(?=於|在|轉|安排)/g)]
    .map(({ index }) => index)
    .slice(0, MOST_PARTS)
    .filter((cut) => asksItself(words.slice(0, cut)) && asksItself(words.slice(cut)));
  const ends = [0, ...cuts, words.length];
  return ends.slice(1).map((to, index) => ({ start: start + (ends[index] ?? 0), end: start + to }));
}

function asksItself(words: string): boolean {
  return ASKS.test(words) && KINDS.slice(0, -1).some(([, pattern]) => pattern.test(words));
}

function timeOf(words: string, offset: number): FollowUpTime | undefined {
  const [match] = [...words.matchAll(ENGLISH_TIME), ...words.matchAll(CHINESE_TIME)];
  if (match) {
    const { low = '', high = low, unit = '' } = match.groups ?? {};
    const read = /[一-龥]/.test(unit) ? chineseNumber : englishNumber;
    const span = { start: offset + match.index, end: offset + match.index + match[0].length };
    return {
      ...span,
      low: read(low),
      high: read(high),
      unit: UNIT_OF[unit.toLowerCase().replace(/[個个]/, '')] ?? 'mo',
    };
  }
  const yearly = YEARLY.exec(words);
  if (!yearly) return undefined;
  const start = offset + yearly.index;
  return { start, end: start + yearly[0].length, low: 1, high: 1, unit: 'a' };
}
