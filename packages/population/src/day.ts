/** A calendar day as the number of days since 1970-01-01 (proleptic Gregorian). */
export type Day = number;

/** Days in a mean year. */
export const YEAR = 365.25;

const MILLISECONDS = 86_400_000;

/** The day of a full ISO date; `undefined` when the text is no real `YYYY-MM-DD`. */
export function parseDay(text: string): Day | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const milliseconds = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(milliseconds)) return undefined;
  const day = milliseconds / MILLISECONDS;
  return isoDate(day) === text ? day : undefined;
}

/** `YYYY-MM-DD`. */
export function isoDate(day: Day): string {
  return new Date(day * MILLISECONDS).toISOString().slice(0, 10);
}

/** A FHIR dateTime or instant in Hong Kong time (UTC+8, no daylight saving), `minute` minutes after midnight. */
export function isoInstant(day: Day, minute: number): string {
  const date = isoDate(day + Math.floor(minute / 1440));
  const within = minute % 1440;
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date}T${two(Math.floor(within / 60))}:${two(within % 60)}:00+08:00`;
}

/** The calendar year of a day. */
export function yearOf(day: Day): number {
  return new Date(day * MILLISECONDS).getUTCFullYear();
}

/** The same calendar day `years` later (29 February becomes 1 March). */
export function addYears(day: Day, years: number): Day {
  const date = new Date(day * MILLISECONDS);
  return Date.UTC(date.getUTCFullYear() + years, date.getUTCMonth(), date.getUTCDate()) / MILLISECONDS;
}

/** The same day of the month `months` later; past the month's end it runs over into the next. */
export function addMonths(day: Day, months: number): Day {
  const date = new Date(day * MILLISECONDS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, date.getUTCDate()) / MILLISECONDS;
}

/** Completed years of age, as a clinic counts them. */
export function ageInYears(birth: Day, on: Day): number {
  const age = yearOf(on) - yearOf(birth);
  return addYears(birth, age) > on ? age - 1 : age;
}

/** The day itself, or the Monday after it when it falls on a weekend, when ordinary clinics are shut. */
export function workingDay(day: Day): Day {
  const weekday = (((day + 4) % 7) + 7) % 7;
  if (weekday === 6) return day + 2;
  return weekday === 0 ? day + 1 : day;
}
