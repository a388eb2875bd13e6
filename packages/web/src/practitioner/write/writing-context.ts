import type { Role } from '../../session/account.ts';

/** What everything that is written shares. */
export interface WritingContext {
  patient: { reference: string };
  practitioner: { reference: string; display: string };
  roles: readonly Role[];
  /** When the form was opened, ISO 8601: a draft must not change by itself while it is checked. */
  at: string;
}

const UCUM = 'http://unitsofmeasure.org';

/** A UCUM quantity; `unit` is what people read. */
export function quantity(value: number, code: string, unit = code) {
  return { value, unit, system: UCUM, code };
}
