/** Sex as reference intervals and equations use it. */
export type Sex = 'female' | 'male';

/** What the tables and the equations ask about the patient; leave out what is not known. */
export interface PatientFacts {
  sex?: Sex;
  /** FHIR date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
  birthDate?: string;
  /** Present while pregnant; 1 to 13 weeks is the first trimester, 14 to 27 the second, later the third. */
  pregnancy?: { trimester: 1 | 2 | 3 };
}

/** FHIR R4, Quantity.comparator: the true value lies on that side of the number. */
export type Comparator = '<' | '<=' | '>=' | '>';

/** Limits in one unit, both ends belonging to the range. */
export interface Limits {
  low?: number;
  high?: number;
  /** UCUM. */
  unit: string;
}

/** One number that was measured: a FHIR Observation with a quantity, or one component of it. */
export interface Measurement {
  /** What names it to the caller, such as `Observation/17` or `Observation/18#8480-6`. */
  id: string;
  /** LOINC code. */
  loinc: string;
  display?: string;
  value: number;
  comparator?: Comparator;
  /** UCUM code. */
  unit: string;
  /** When the specimen was taken: a FHIR dateTime. */
  effective: string;
  /** The laboratory's own reference range. */
  range?: Limits;
  /** The laboratory's own flag (v3-ObservationInterpretation). */
  flag?: string;
}

const DAY = 86_400_000;
const DAYS_PER_YEAR = 365.25;

/** A FHIR date or dateTime in milliseconds; undefined for what is not one. Partial dates stand for their first day. */
export function instant(fhirDate: string | undefined): number | undefined {
  if (fhirDate === undefined) return undefined;
  const time = Date.parse(fhirDate);
  return Number.isFinite(time) ? time : undefined;
}

/** Days between two FHIR dates, the second minus the first. */
export function daysBetween(from: string, to: string): number | undefined {
  const start = instant(from);
  const end = instant(to);
  return start === undefined || end === undefined ? undefined : (end - start) / DAY;
}

/**
 * Age in years at a date. From one year on it is whole birthdays plus the part of the year that has passed, so that a
 * limit at 18 changes on the birthday and not a day beside it; younger than that, days / 365.25.
 */
export function ageAt(birthDate: string | undefined, at: string): number | undefined {
  const born = instant(birthDate);
  const then = instant(at);
  if (born === undefined || then === undefined || then < born) return undefined;
  const birth = new Date(born);
  const day = new Date(then);
  let years = day.getUTCFullYear() - birth.getUTCFullYear();
  const birthday = Date.UTC(birth.getUTCFullYear() + years, birth.getUTCMonth(), birth.getUTCDate());
  if (then < birthday) years--;
  if (years === 0) return (then - born) / DAY / DAYS_PER_YEAR;
  const last = Date.UTC(birth.getUTCFullYear() + years, birth.getUTCMonth(), birth.getUTCDate());
  return years + Math.min((then - last) / DAY / 366, 0.999);
}
