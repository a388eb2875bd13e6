export * from './results/index.ts';
export { type Card, type CardOptions, OVERRIDE_REASON_SYSTEM, OVERRIDE_REASONS, toCards } from './safety/cards.ts';
export { checkSafety, type SafetyOptions } from './safety/check-safety.ts';
export {
  type DetectedIssueOptions,
  FINDING_KEY_SYSTEM,
  RULE_SYSTEM,
  toDetectedIssue,
} from './safety/detected-issue.ts';
export {
  compareFindings,
  EVIDENCE_GRADES,
  type Evidence,
  type Finding,
  type FindingKind,
  isQuietlyShown,
  type Override,
  SEVERITIES,
  type Severity,
  type Source as SafetySource,
} from './safety/finding.ts';
export { fromFhir as safetyInputFromFhir } from './safety/from-fhir.ts';
export {
  type Allergy,
  type DailyDose,
  type Ingredient,
  type Item,
  type ItemCode,
  type PatientFacts as SafetyPatient,
  type Preparation,
  type Results as SafetyResults,
  type SafetyInput,
  SafetyInputError,
} from './safety/input.ts';
export * from './tcm/index.ts';
export * from './text/index.ts';
