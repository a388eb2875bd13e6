import type { Allergy, PatientFacts, Results } from '../input.ts';
import { PROBLEMS, type ProblemRow } from '../knowledge.ts';
import { concept, day, hasCode, type Json, number, object, objects, text } from './read.ts';

const REFUTED = new Set(['refuted', 'entered-in-error']);
const INACTIVE = new Set(['inactive', 'resolved', 'remission']);
const FINAL = new Set(['final', 'amended', 'corrected', 'preliminary']);

/** For how many days a result speaks for the patient of today. Kidney function changes slowly, potassium does not. */
const FRESH_DAYS = { egfr: 400, alt: 180, bilirubin: 180, potassium: 30 } as const satisfies Record<
  keyof Results,
  number
>;

/** LOINC codes and the unit in which a rule wants the value. */
const RESULTS: Readonly<Record<keyof Results, { codes: ReadonlySet<string>; units: ReadonlySet<string> }>> = {
  egfr: {
    codes: new Set(['98979-8', '98980-6', '62238-1', '33914-3', '48642-3', '48643-1', '77147-7', '88293-6', '50044-7']),
    units: new Set(['mL/min/{1.73_m2}', 'mL/min/1.73m2', 'mL/min/1.73 m2', 'mL/min/{1.73m2}', 'mL/min']),
  },
  alt: { codes: new Set(['1742-6', '1743-4', '1744-2']), units: new Set(['U/L', '[U]/L', 'IU/L']) },
  bilirubin: { codes: new Set(['14631-6']), units: new Set(['umol/L']) },
  potassium: { codes: new Set(['2823-3', '6298-4', '77142-8']), units: new Set(['mmol/L', 'meq/L']) },
};

const GESTATION = new Set(['11884-4', '18185-9', '11885-1']);
const PREGNANCY_STATUS = new Set(['82810-3']);
const PREGNANT_ANSWER = new Set(['LA15173-0', '77386006']);
const NOT_PREGNANT_ANSWER = new Set(['LA26683-5', '60001007']);

/** Everything that rules need to know of the patient, as it was on a day. */
export function factsOf(resources: readonly Json[], on: string): PatientFacts {
  const patient = resources.find((one) => one.resourceType === 'Patient');
  const observations = resources.filter(
    (one) => one.resourceType === 'Observation' && FINAL.has(text(one.status) ?? '') && (timeOf(one) ?? '9') <= on,
  );
  const problems = problemsOf(resources, on);
  const age = ageOn(day(patient?.birthDate), on);
  const sex = patient?.gender === 'female' || patient?.gender === 'male' ? patient.gender : undefined;
  const pregnant = sex !== 'male' && (statedPregnancy(observations, on) ?? problems.has('pregnancy'));
  const weeks = pregnant ? gestation(observations, on) : undefined;
  return {
    ...(age === undefined ? {} : { age }),
    ...(sex === undefined ? {} : { sex }),
    pregnant,
    ...(weeks === undefined ? {} : { gestationWeeks: weeks }),
    breastfeeding: problems.has('breastfeeding'),
    allergies: allergiesOf(resources),
    problems: [...problems].sort(),
    results: resultsOf(observations, on),
  };
}

function timeOf(observation: Json): string | undefined {
  return (
    day(observation.effectiveDateTime) ?? day(object(observation.effectivePeriod)?.start) ?? day(observation.issued)
  );
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000;
}

function ageOn(birth: string | undefined, on: string): number | undefined {
  if (birth === undefined || birth > on) return undefined;
  const years = Number(on.slice(0, 4)) - Number(birth.slice(0, 4));
  return on.slice(5) < birth.slice(5) ? years - 1 : years;
}

/** The newest of the observations with one of the codes, if it is fresh enough. */
function newest(
  observations: readonly Json[],
  codes: ReadonlySet<string>,
  on: string,
  within: number,
): Json | undefined {
  let best: Json | undefined;
  for (const one of observations) {
    const time = timeOf(one);
    if (time === undefined || !hasCode(one.code, codes) || daysBetween(time, on) > within) continue;
    if (best === undefined || rank(one) > rank(best)) best = one;
  }
  return best;
}

const rank = (one: Json): string => `${text(one.effectiveDateTime) ?? timeOf(one) ?? ''} ${text(one.id) ?? ''}`;

function resultsOf(observations: readonly Json[], on: string): Results {
  const results: Results = {};
  for (const name of Object.keys(RESULTS) as (keyof Results)[]) {
    const { codes, units } = RESULTS[name];
    const quantity = object(newest(observations, codes, on, FRESH_DAYS[name])?.valueQuantity);
    const value = number(quantity?.value);
    // a value in a unit that is not expected is left out rather than misread
    if (value !== undefined && units.has(text(quantity?.code) ?? text(quantity?.unit) ?? '')) results[name] = value;
  }
  return results;
}

/** What the newest pregnancy status of the last 60 days says; undefined if there is none. */
function statedPregnancy(observations: readonly Json[], on: string): boolean | undefined {
  const status = newest(observations, PREGNANCY_STATUS, on, 60)?.valueCodeableConcept;
  if (hasCode(status, PREGNANT_ANSWER)) return true;
  return hasCode(status, NOT_PREGNANT_ANSWER) ? false : undefined;
}

function gestation(observations: readonly Json[], on: string): number | undefined {
  const found = newest(observations, GESTATION, on, 300);
  const quantity = object(found?.valueQuantity);
  const value = number(quantity?.value);
  const unit = text(quantity?.code) ?? text(quantity?.unit);
  if (found === undefined || value === undefined || (unit !== 'wk' && unit !== 'd')) return undefined;
  const weeks = (unit === 'd' ? value / 7 : value) + daysBetween(timeOf(found) ?? on, on) / 7;
  return weeks <= 45 ? Math.floor(weeks) : undefined;
}

function allergiesOf(resources: readonly Json[]): Allergy[] {
  return resources
    .filter((one) => one.resourceType === 'AllergyIntolerance')
    .filter((one) => !hasCode(one.clinicalStatus, INACTIVE) && !hasCode(one.verificationStatus, REFUTED))
    .flatMap((one) => [concept(one.code), ...objects(one.reaction).map((reaction) => concept(reaction.substance))])
    .filter((one) => one.codes !== undefined || one.name !== undefined);
}

function problemsOf(resources: readonly Json[], on: string): Set<string> {
  const problems = new Set<string>();
  for (const resource of resources) {
    if (resource.resourceType !== 'Condition' || hasCode(resource.verificationStatus, REFUTED)) continue;
    if (!isActive(resource, on)) continue;
    const { codes = [], name = '' } = concept(resource.code);
    const plain = name.toLowerCase();
    for (const row of PROBLEMS) {
      if (codes.some(({ system, code }) => isOf(row, system, code)) || (codes.length === 0 && saysSo(row, plain))) {
        problems.add(row.id);
      }
    }
  }
  return problems;
}

/** Active on the day: begun, and either not yet over or without an end and marked as active. */
function isActive(condition: Json, on: string): boolean {
  const onset =
    day(condition.onsetDateTime) ?? day(object(condition.onsetPeriod)?.start) ?? day(condition.recordedDate);
  if (onset !== undefined && onset > on) return false;
  const end = day(condition.abatementDateTime) ?? day(object(condition.abatementPeriod)?.end);
  return end === undefined ? !hasCode(condition.clinicalStatus, INACTIVE) : end > on;
}

const ICD10 = /icd-10/;

function isOf(row: ProblemRow, system: string, code: string): boolean {
  if (system === 'http://snomed.info/sct') return row.snomed.includes(code);
  return ICD10.test(system) && row.icd10.some((prefix) => code.startsWith(prefix));
}

const DENIED = /\b(no|not|without|denies|history of|family history)\b|無|无|沒有|没有|否認|否认|家族史/;

/** Words alone count only where no code is given and nothing denies them. */
function saysSo(row: ProblemRow, plain: string): boolean {
  return !DENIED.test(plain) && row.text.some((word) => plain.includes(word.toLowerCase()));
}
