export * from './acknowledgement.ts';
export { CRITICAL_RESULT_TASK, toCommunication, toTask } from './acknowledgement-fhir.ts';
export { type Analyte, allAnalytes, analyte, analyteOf, citation, resultGroups, valueIn } from './analytes.ts';
export * from './attributed.ts';
export { type AnalyticalVariation, type BaselineComparison, compareWithBaseline, referenceChange } from './baseline.ts';
export {
  type ChineseMedicineList,
  type ChineseMedicineWords,
  findingWords,
  patternWords,
} from './chinese-medicine-words.ts';
export { type DerivedInput, type DerivedResult, derive, EQUATIONS } from './derived/derive.ts';
export type { Equation, StatedFacts } from './derived/equation.ts';
export {
  type AcuteKidneyInjury,
  acuteKidneyInjury,
  childPughClass,
  type KidneyCategory,
  kidneyCategory,
} from './derived/stages.ts';
export { flagCoding, measurementsOf, patientFacts, toObservation } from './fhir.ts';
export * from './interpret.ts';
export type { CriticalFinding, CriticalLimit, DeltaFinding, DeltaLimit } from './limits.ts';
export { ageAt, type Comparator, type Limits, type Measurement, type PatientFacts, type Sex } from './measurement.ts';
export { analytesWithWords, type PlainWords, plainWords } from './plain-words.ts';
export { type ReferenceRange, referenceRange } from './reference-range.ts';
export * from './release.ts';
export { codingsOfClass, resultClassOf, toReleasableReport } from './release-class.ts';
export { type ReportSummary, type ResultGroup, type SummariseOptions, summarise } from './report.ts';
export { readableUnit, type Trend, TrendError, trend } from './trend.ts';
export { convertUnit } from './units.ts';
export type { Locale, Words } from './words.ts';
