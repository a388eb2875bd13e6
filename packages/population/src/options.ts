import { addYears, type Day, parseDay } from './day.ts';

/** What population to make. Equal options give equal bytes. */
export interface PopulationOptions {
  /** How many patients, 0 to 10,000,000. */
  patients: number;
  /** Any safe integer. */
  seed: number;
  /** How many years of record before `until`, 1 to 60. */
  years: number;
  /** The population's today, `YYYY-MM-DD`, 1980 to 2100; nothing but booked appointments lies after it. */
  until: string;
}

/** Thrown for options outside their bounds; the message says which and what would do. */
export class PopulationOptionsError extends Error {
  override readonly name = 'PopulationOptionsError';
}

/** The days between which records are written. */
export interface Window {
  /** First day of the record. */
  start: Day;
  /** Today. */
  until: Day;
}

/** The window of the options. Throws {@link PopulationOptionsError}. */
export function windowOf(options: PopulationOptions): Window {
  bounded('patients', options.patients, 0, 10_000_000);
  bounded('seed', options.seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  bounded('years', options.years, 1, 60);
  const until = parseDay(options.until);
  if (until === undefined || options.until < '1980-01-01' || options.until > '2100-12-31') {
    throw new PopulationOptionsError('until must be a date from 1980-01-01 to 2100-12-31, such as 2026-01-31.');
  }
  return { start: addYears(until, -options.years), until };
}

function bounded(name: string, value: number, low: number, high: number): void {
  if (!Number.isSafeInteger(value) || value < low || value > high) {
    throw new PopulationOptionsError(`${name} must be a whole number from ${low} to ${high}.`);
  }
}
