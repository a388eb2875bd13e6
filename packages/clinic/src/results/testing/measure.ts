import type { Measurement } from '../measurement.ts';

/** A measurement for tests; what does not matter to a test has a default. */
export function measure(loinc: string, value: number, unit: string, more: Partial<Measurement> = {}): Measurement {
  return { id: `Observation/${loinc}`, loinc, value, unit, effective: '2026-06-01T08:00:00Z', ...more };
}
