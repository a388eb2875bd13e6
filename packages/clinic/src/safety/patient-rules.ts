import { concernedBy, type Draft } from './draft.ts';
import type { Exposure } from './exposures.ts';
import { compareEvidence, compareSeverity } from './finding.ts';
import type { PatientFacts } from './input.ts';
import { PATIENT_RULES_BY_TAG, type PatientRule, type When } from './knowledge.ts';

/** Three times the upper limit of 40 U/L, and twice that of 21 umol/L: usual thresholds for caution in labels. */
const ALT_IMPAIRED = 120;
const BILIRUBIN_IMPAIRED = 42;
/** Upper ends of the KDIGO 2012 stages, for patients whose stage is known and whose eGFR is not. */
const STAGE_EGFR: readonly (readonly [problem: string, egfr: number])[] = [
  ['ckd-5', 14],
  ['ckd-4', 29],
  ['ckd-3', 59],
];

/** What is wrong with an agent for this patient: pregnancy, organs, age, other illness. One draft an agent and topic. */
export function patientFindings(exposures: Iterable<Exposure>, patient: PatientFacts): Draft[] {
  const found = new Map<string, { rule: PatientRule; exposure: Exposure }>();
  const problems = new Set(patient.problems ?? []);
  for (const exposure of exposures) {
    if (!exposure.current || !exposure.systemic) continue;
    for (const tag of exposure.agent.tags) {
      for (const rule of PATIENT_RULES_BY_TAG.get(tag) ?? []) {
        if (!applies(rule.when, patient, problems)) continue;
        const key = `patient|${exposure.agent.id}|${topicOf(rule.when)}`;
        const known = found.get(key)?.rule;
        if (known === undefined || isWorse(rule, known)) found.set(key, { rule, exposure });
      }
    }
  }
  const drafts = [...found].map(([key, { rule, exposure }]): Draft => {
    const { id, severity, evidence, mechanism, action, sources } = rule;
    return {
      key,
      rule: id,
      kind: 'patient',
      severity,
      evidence,
      mechanism,
      action,
      sources,
      concerned: [concernedBy(exposure)],
    };
  });
  return patient.pregnant === true ? [...drafts, ...pharmacopoeiaPregnancy(exposures, found)] : drafts;
}

/** Herbs that the Chinese Pharmacopoeia prohibits in pregnancy (孕婦禁用) or asks caution for (孕婦慎用). */
function pharmacopoeiaPregnancy(exposures: Iterable<Exposure>, found: ReadonlyMap<string, unknown>): Draft[] {
  const drafts: Draft[] = [];
  for (const exposure of exposures) {
    const grade = exposure.agent.pregnancy;
    const key = `patient|${exposure.agent.id}|pregnancy`;
    if (grade === undefined || !exposure.current || !exposure.systemic || found.has(key)) continue;
    const prohibited = grade === 'prohibited';
    drafts.push({
      key,
      rule: `pharmacopoeia-pregnancy-${grade}`,
      kind: 'patient',
      severity: prohibited ? 'contraindicated' : 'moderate',
      evidence: 'guideline',
      mechanism: `pregnancy-${grade}`,
      action: prohibited ? 'stop-ask' : 'caution',
      sources: ['chp2020'],
      concerned: [concernedBy(exposure)],
    });
  }
  return drafts;
}

function applies(when: When, patient: PatientFacts, problems: ReadonlySet<string>): boolean {
  const { age, gestationWeeks, results = {} } = patient;
  if (when.always === true) return true;
  if (when.pregnant === true) return patient.pregnant === true;
  if (when.gestationWeeksFrom !== undefined) {
    return patient.pregnant === true && (gestationWeeks ?? -1) >= when.gestationWeeksFrom;
  }
  if (when.breastfeeding === true) return patient.breastfeeding === true;
  if (when.egfrBelow !== undefined) return egfrOf(patient, problems) < when.egfrBelow;
  if (when.liverImpaired === true) return liverImpaired(patient, problems);
  if (when.potassiumBelow !== undefined) return (results.potassium ?? Number.NaN) < when.potassiumBelow;
  if (when.potassiumAbove !== undefined) return (results.potassium ?? Number.NaN) > when.potassiumAbove;
  if (when.ageBelow !== undefined) return (age ?? Number.NaN) < when.ageBelow;
  if (when.ageFrom !== undefined) return (age ?? Number.NaN) >= when.ageFrom;
  return when.problem !== undefined && problems.has(when.problem);
}

function egfrOf(patient: PatientFacts, problems: ReadonlySet<string>): number {
  if (patient.results?.egfr !== undefined) return patient.results.egfr;
  return STAGE_EGFR.find(([problem]) => problems.has(problem))?.[1] ?? Number.NaN;
}

function liverImpaired(patient: PatientFacts, problems: ReadonlySet<string>): boolean {
  if (problems.has('liver-disease') || problems.has('cirrhosis')) return true;
  const { alt = 0, bilirubin = 0 } = patient.results ?? {};
  return alt >= ALT_IMPAIRED || bilirubin >= BILIRUBIN_IMPAIRED;
}

/** Rules of one topic about one agent are one finding. */
function topicOf(when: When): string {
  if (when.pregnant === true || when.gestationWeeksFrom !== undefined) return 'pregnancy';
  if (when.breastfeeding === true) return 'breastfeeding';
  if (when.egfrBelow !== undefined) return 'kidney';
  if (when.liverImpaired === true) return 'liver';
  if (when.potassiumBelow !== undefined || when.potassiumAbove !== undefined) return 'potassium';
  if (when.ageBelow !== undefined || when.ageFrom !== undefined) return 'age';
  return when.problem ?? 'always';
}

function isWorse(a: PatientRule, b: PatientRule): boolean {
  const order =
    compareSeverity(a.severity, b.severity) || compareEvidence(a.evidence, b.evidence) || (a.id < b.id ? -1 : 1);
  return order < 0;
}
