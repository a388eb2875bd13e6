import type { ThreeScripts } from '../tcm/script.ts';

/** How bad it may get, worst first. */
export const SEVERITIES = ['contraindicated', 'serious', 'moderate', 'minor', 'information'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * What the knowledge rests on, strongest first. The grade of a finding is that of its best source for this very pair;
 * `none` is for what the record itself says (a recorded allergy to a herb, an item that was not recognised).
 */
export const EVIDENCE_GRADES = [
  'label',
  'guideline',
  'trial',
  'observational',
  'case-report',
  'classical-text',
  'none',
] as const;
export type Evidence = (typeof EVIDENCE_GRADES)[number];

/** A publication, label, guideline or classical book that a rule rests on. */
export interface Source {
  id: string;
  grade: Evidence;
  citation: string;
  /** PMID, DOI or document number, where they were checked. */
  identifiers?: readonly string[];
}

/** What kind of check made a finding. */
export type FindingKind = 'interaction' | 'patient' | 'allergy' | 'dose' | 'preparation' | 'duplicate' | 'unrecognised';

/** A medicine, herb or formula that a finding is about, with the items (orders) that hold it. */
export interface Concerned extends ThreeScripts {
  /** `drug:warfarin`, `herb:danshen`, `formula:xiaochaihutang`, `atc:B01AF09`; the item's id if it was not recognised. */
  agent: string;
  /** Ids of the items, sorted. */
  items: readonly string[];
}

/** Something that may harm the patient, found by a rule. */
export interface Finding {
  /** The same for the same rule topic, patient and agents whatever the number and order of items: overrides refer to it. */
  key: string;
  rule: string;
  kind: FindingKind;
  severity: Severity;
  evidence: Evidence;
  mechanism: string;
  action: string;
  sources: readonly Source[];
  concerned: readonly Concerned[];
  /** One sentence or two: what, why. */
  text: ThreeScripts;
  /** What to do. */
  advice: ThreeScripts;
  /** Whether it should stop the pen: contraindicated or serious, and not overridden for this patient before. */
  interrupts: boolean;
  overridden?: Override;
}

/** That somebody went ahead in spite of a finding, with the reason. */
export interface Override {
  key: string;
  reason: string;
  /** When, ISO 8601. */
  at: string;
}

/** Negative if `a` is worse than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
}

/** Negative if `a` is stronger than `b`. */
export function compareEvidence(a: Evidence, b: Evidence): number {
  return EVIDENCE_GRADES.indexOf(a) - EVIDENCE_GRADES.indexOf(b);
}

/**
 * Whether a finding is worth the reader's time by default: everything contraindicated or serious, and moderate findings
 * with more behind them than case reports and classical texts. What is hidden is still in the answer to `show: 'all'`.
 */
export function isQuietlyShown(finding: Finding): boolean {
  if (compareSeverity(finding.severity, 'serious') <= 0 || finding.kind === 'unrecognised') return true;
  return finding.severity === 'moderate' && compareEvidence(finding.evidence, 'observational') <= 0;
}

/** Worst first, then strongest, then by key: an order that does not depend on the order of the items. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareSeverity(a.severity, b.severity) ||
    compareEvidence(a.evidence, b.evidence) ||
    (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
  );
}
