import type { Words } from './words.ts';

/**
 * When the patient sees a result. Background: in the United States the information blocking rule (45 CFR part 171, under the
 * 21st Century Cures Act of 2016) asks for release without delay and knows delay only for a risk of physical harm or at the
 * patient's own wish; Hong Kong's Personal Data (Privacy) Ordinance (Cap. 486, sections 18 and 19) gives the right of access within 40
 * days. Therefore every delay here is short, has a reason that the patient is shown, and ends when the patient asks.
 */
export type ResultClass =
  | 'routine'
  | 'cancer-pathology'
  | 'tumour-marker'
  | 'genetics'
  | 'hiv'
  | 'sexual-health'
  | 'prenatal'
  | 'imaging-cancer';

/** How one class is released when the patient has stated no wish. */
export interface ReleaseRule {
  class: ResultClass;
  /** Days after the report is final at the latest; 0 is at once. A clinician who has spoken ends the wait. */
  days: number;
  source: string;
}

/** What the patient has chosen. */
export interface ReleasePreference {
  /** For all classes; `by-rules` when left out. */
  general?: ReleaseWish;
  /** For single classes; stands before `general`. */
  byClass?: Partial<Record<ResultClass, ReleaseWish>>;
  /** Reports that the patient asked to see now. */
  seeNow?: readonly string[];
}

export type ReleaseWish = 'at-once' | 'by-rules' | 'after-clinician';

/** A report as far as its release goes. */
export interface ReleasableReport {
  /** `DiagnosticReport/…`. */
  id: string;
  class: ResultClass;
  status:
    | 'registered'
    | 'partial'
    | 'preliminary'
    | 'final'
    | 'amended'
    | 'corrected'
    | 'appended'
    | 'cancelled'
    | 'entered-in-error';
  /** When it became final (`DiagnosticReport.issued`). */
  issued: string;
}

/** A clinician has spoken with the patient about a report. */
export interface ClinicianSpoke {
  report: string;
  at: string;
  by: string;
}

/** Whether the patient sees the content, why, and until when not. The existence of a report is never hidden. */
export interface Release {
  state: 'released' | 'waiting' | 'not-ready';
  reason: 'patient-asked' | 'patient-wish' | 'clinician-spoke' | 'rule' | 'report-not-final';
  /** When it opens by itself; absent when only the clinician or the patient opens it, and when released. */
  opens?: string;
  /** True for everything that waits: the patient may open it now. */
  maySeeNow: boolean;
  words: Words;
}

const DAY = 86_400_000;

/** Default rules; an organisation sets its own. Days are this system's choice, kept within what the sources allow. */
export const RELEASE_RULES: readonly ReleaseRule[] = [
  { class: 'routine', days: 0, source: '45 CFR 171 (information blocking)' },
  { class: 'tumour-marker', days: 1, source: 'Own default, shorter than one working week' },
  { class: 'sexual-health', days: 1, source: 'Own default' },
  { class: 'prenatal', days: 3, source: 'Own default' },
  { class: 'imaging-cancer', days: 3, source: 'Own default; compare California Health and Safety Code 123148' },
  {
    class: 'hiv',
    days: 7,
    source: 'WHO. Consolidated guidelines on HIV testing services, 2019: results with counselling',
  },
  { class: 'cancer-pathology', days: 7, source: 'Own default; compare California Health and Safety Code 123148' },
  { class: 'genetics', days: 14, source: 'Own default: results with genetic counselling' },
];

/** Longer waits than this are not taken from any rule. */
const LONGEST_WAIT_DAYS = 40;

/** Decides on the release of one report at `now` (milliseconds). A class without a rule is released at once. */
export function releaseOf(
  report: ReleasableReport,
  rules: readonly ReleaseRule[],
  preference: ReleasePreference,
  acknowledgements: readonly ClinicianSpoke[],
  now: number,
): Release {
  const issued = Date.parse(report.issued);
  if (!['final', 'amended', 'corrected', 'appended'].includes(report.status) || !(issued <= now)) {
    return { state: 'not-ready', reason: 'report-not-final', maySeeNow: false, words: NOT_READY };
  }
  if (preference.seeNow?.includes(report.id)) return released('patient-asked');
  const spoke = acknowledgements.some((one) => one.report === report.id && Date.parse(one.at) <= now);
  if (spoke) return released('clinician-spoke');
  const wish = preference.byClass?.[report.class] ?? preference.general ?? 'by-rules';
  if (wish === 'at-once') return released('patient-wish');
  if (wish === 'after-clinician') {
    return { state: 'waiting', reason: 'patient-wish', maySeeNow: true, words: AS_YOU_WISHED };
  }
  const days = Math.min(rules.find((rule) => rule.class === report.class)?.days ?? 0, LONGEST_WAIT_DAYS);
  const opens = issued + days * DAY;
  if (now >= opens) return released('rule');
  return { state: 'waiting', reason: 'rule', opens: new Date(opens).toISOString(), maySeeNow: true, words: WAITING };
}

function released(reason: Release['reason']): Release {
  return { state: 'released', reason, maySeeNow: false, words: OPEN };
}

const OPEN: Words = {
  en: 'You can read this result.',
  'zh-Hant': '你可查閱這份結果。',
  'zh-Hans': '您可以查阅这份结果。',
};
const NOT_READY: Words = {
  en: 'The laboratory is still working on this report.',
  'zh-Hant': '化驗室仍在處理這份報告。',
  'zh-Hans': '实验室仍在处理这份报告。',
};
const AS_YOU_WISHED: Words = {
  en: 'As you wished, your clinician will speak with you first. You can still choose to see it now.',
  'zh-Hant': '按你的意願，醫護人員會先與你傾談。你仍可選擇現在查閱。',
  'zh-Hans': '按您的意愿，医护人员会先与您沟通。您仍可选择现在查阅。',
};
const WAITING: Words = {
  en: 'Your clinician would like to speak with you about this result first. It opens by itself on the day shown, and you can choose to see it now.',
  'zh-Hant': '醫護人員希望先與你討論這份結果。它會在所示日期自動開放，你亦可選擇現在查閱。',
  'zh-Hans': '医护人员希望先与您讨论这份结果。它会在所示日期自动开放，您也可以选择现在查阅。',
};
