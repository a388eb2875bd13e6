import type {
  AllergyIntolerance,
  Condition,
  FhirResource,
  MedicationRequest,
  MedicationStatement,
  Observation,
} from 'fhir/r4';
import { dateOf, flagOf } from './summary.ts';
import { codeOf } from './words.ts';

/** The results of one code, newest first. */
export interface Series {
  newest: Observation;
  /** Values in the newest one's unit, oldest first. */
  values: readonly number[];
}

/** What one sees of a record at a glance. */
export interface Glance {
  allergies: readonly AllergyIntolerance[];
  conditions: readonly Condition[];
  medicines: readonly (MedicationRequest | MedicationStatement)[];
  planned: readonly FhirResource[];
  results: readonly Series[];
  newest: readonly FhirResource[];
}

const MOST_SERIES = 6;
const MOST_NEW = 6;
const MOST_VALUES = 24;
const DAY = 86_400_000;

/** @param now epoch milliseconds */
export function glanceOf(entries: readonly FhirResource[], now: number): Glance {
  const dated = entries
    .map((resource) => ({ resource, at: Date.parse(dateOf(resource) ?? '') }))
    .sort((a, b) => (Number.isNaN(b.at) ? -1 : b.at) - (Number.isNaN(a.at) ? -1 : a.at));
  const all = dated.map(({ resource }) => resource);
  return {
    allergies: all.filter(
      (one): one is AllergyIntolerance => one.resourceType === 'AllergyIntolerance' && isCurrent(one),
    ),
    conditions: once(
      all.filter((one): one is Condition => one.resourceType === 'Condition' && isCurrent(one)),
      ({ code }) => codeOf(code),
    ),
    medicines: once(
      all.filter((one): one is MedicationRequest | MedicationStatement => isTaken(one, now)),
      (one) => codeOf(one.medicationCodeableConcept),
    ),
    planned: dated
      .filter(({ resource, at }) => at > now && resource.resourceType === 'Appointment')
      .map(({ resource }) => resource),
    results: seriesOf(all),
    newest: dated
      .filter(({ at }) => at <= now)
      .slice(0, MOST_NEW)
      .map(({ resource }) => resource),
  };
}

/** Written down as so, and neither over nor entered in error. */
function isCurrent({ clinicalStatus, verificationStatus }: AllergyIntolerance | Condition): boolean {
  const state = codeOf(clinicalStatus) ?? 'active';
  const sure = codeOf(verificationStatus) ?? 'confirmed';
  return ['active', 'recurrence', 'relapse'].includes(state) && !['refuted', 'entered-in-error'].includes(sure);
}

function isTaken(resource: FhirResource, now: number): boolean {
  if (resource.resourceType === 'MedicationStatement') return resource.status === 'active';
  if (resource.resourceType !== 'MedicationRequest' || resource.status !== 'active') return false;
  const end = Date.parse(resource.dispenseRequest?.validityPeriod?.end ?? '');
  return Number.isNaN(end) || end + DAY > now;
}

/** The newest of each. */
function once<T>(items: readonly T[], nameOf: (item: T) => string | undefined): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const name = nameOf(item);
    if (name === undefined) return true;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

/** Measured values by code; those out of range come first, then the newest. */
function seriesOf(newestFirst: readonly FhirResource[]): Series[] {
  const byCode = new Map<string, Observation[]>();
  for (const one of newestFirst) {
    if (one.resourceType !== 'Observation' || one.valueQuantity?.value === undefined) continue;
    const code = codeOf(one.code);
    if (code === undefined || one.status === 'entered-in-error') continue;
    const list = byCode.get(code);
    if (list) list.push(one);
    else byCode.set(code, [one]);
  }
  const series = [...byCode.values()].flatMap((list): Series[] => {
    const [newest] = list;
    if (!newest) return [];
    const unit = newest.valueQuantity?.code ?? newest.valueQuantity?.unit;
    const same = list.filter(({ valueQuantity }) => (valueQuantity?.code ?? valueQuantity?.unit) === unit);
    return [
      {
        newest,
        values: same
          .slice(0, MOST_VALUES)
          .map(({ valueQuantity }) => valueQuantity?.value ?? 0)
          .reverse(),
      },
    ];
  });
  return series
    .sort((a, b) => Number(flagOf(b.newest) !== undefined) - Number(flagOf(a.newest) !== undefined))
    .slice(0, MOST_SERIES);
}
