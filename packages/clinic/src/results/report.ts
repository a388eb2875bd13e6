import { resultGroups } from './analytes.ts';
import { type DerivedResult, derive } from './derived/derive.ts';
import type { StatedFacts } from './derived/equation.ts';
import { type AcuteKidneyInjury, acuteKidneyInjury, type KidneyCategory, kidneyCategory } from './derived/stages.ts';
import { type Interpretation, type InterpretOptions, interpret } from './interpret.ts';
import type { Measurement, PatientFacts } from './measurement.ts';
import type { Words } from './words.ts';

/** Results that belong together, as a report shows them. */
export interface ResultGroup {
  /** `other` for codes that the tables do not know. */
  key: string;
  name: Words;
  results: readonly Interpretation[];
}

/** A whole report, read. */
export interface ReportSummary {
  groups: readonly ResultGroup[];
  derived: readonly DerivedResult[];
  kidney?: KidneyCategory;
  acuteKidneyInjury?: AcuteKidneyInjury;
  /** Critical results first in line for the acknowledgement loop. */
  critical: readonly Interpretation[];
  /** Results whose change asks whether the sample belongs to the patient. */
  questionable: readonly Interpretation[];
  counts: { total: number; normal: number; abnormal: number; critical: number; undecided: number };
  headline: Words;
}

/** Options of `interpret`, and the facts that a clinician has stated. */
export interface SummariseOptions extends InterpretOptions {
  stated?: StatedFacts;
}

const OTHER: Words = { en: 'Other results', 'zh-Hant': '其他結果', 'zh-Hans': '其他结果' };

/** Interprets, derives and groups the results of one report. */
export function summarise(
  measurements: readonly Measurement[],
  patient: PatientFacts,
  options: SummariseOptions = {},
): ReportSummary {
  const results = interpret(measurements, patient, options);
  const derived = derive(measurements, patient, options.stated);
  const kidney = kidneyOf(derived, results);
  const injury = acuteKidneyInjury([...(options.history ?? []), ...measurements]);
  const critical = results.filter((one) => one.flag === 'LL' || one.flag === 'HH');
  const abnormal = results.filter((one) => one.flag === 'L' || one.flag === 'H').length + critical.length;
  const normal = results.filter((one) => one.flag === 'N').length;
  const counts = {
    total: results.length,
    normal,
    abnormal,
    critical: critical.length,
    undecided: results.length - normal - abnormal,
  };
  return {
    groups: grouped(results),
    derived,
    ...(kidney && { kidney }),
    ...(injury && { acuteKidneyInjury: injury }),
    critical,
    questionable: results.filter((one) => one.delta),
    counts,
    headline: headline(counts),
  };
}

function grouped(results: readonly Interpretation[]): ResultGroup[] {
  const byGroup = Map.groupBy(results, (one) => one.analyte?.group ?? 'other');
  return [...resultGroups(), { key: 'other', name: OTHER }].flatMap(({ key, name }) => {
    const members = byGroup.get(key);
    return members ? [{ key, name, results: members }] : [];
  });
}

/** The eGFR with cystatin C is the most accurate (KDIGO 2024, section 1.2), then creatinine alone. */
function kidneyOf(derived: readonly DerivedResult[], results: readonly Interpretation[]): KidneyCategory | undefined {
  const keys = ['egfr-creatinine-cystatin', 'egfr-creatinine', 'egfr-cystatin'];
  const computed = keys.map((key) => derived.find((one) => one.equation.key === key)?.value);
  const reported = results.find((one) => one.analyte?.key === 'egfr' && !one.measurement.comparator)?.value;
  const egfr = computed.find((value) => value !== undefined) ?? reported;
  const ratio = results.find((one) => one.analyte?.key === 'acr' && !one.measurement.comparator)?.value;
  return egfr === undefined ? undefined : kidneyCategory(egfr, ratio);
}

function headline(counts: ReportSummary['counts']): Words {
  const { total, abnormal, critical, undecided } = counts;
  const parts: Words[] = [
    {
      en: `${total} ${total === 1 ? 'result' : 'results'}, ${abnormal} outside the usual range.`,
      'zh-Hant': `共 ${total} 項結果，其中 ${abnormal} 項超出一般範圍。`,
      'zh-Hans': `共 ${total} 项结果，其中 ${abnormal} 项超出一般范围。`,
    },
  ];
  if (critical > 0) {
    parts.push({
      en: `${critical} ${critical === 1 ? 'needs' : 'need'} attention at once.`,
      'zh-Hant': `${critical} 項須即時處理。`,
      'zh-Hans': `${critical} 项须立即处理。`,
    });
  }
  if (undecided > 0) {
    parts.push({
      en: `${undecided} without a range.`,
      'zh-Hant': `${undecided} 項沒有參考範圍。`,
      'zh-Hans': `${undecided} 项没有参考范围。`,
    });
  }
  return {
    en: parts.map((part) => part.en).join(' '),
    'zh-Hant': parts.map((part) => part['zh-Hant']).join(''),
    'zh-Hans': parts.map((part) => part['zh-Hans']).join(''),
  };
}
