import { analyteOf, valueIn } from '../analytes.ts';
import { ageAt, type Measurement, type PatientFacts } from '../measurement.ts';
import { referenceRange } from '../reference-range.ts';
import { convertUnit } from '../units.ts';
import { CHEMISTRY_EQUATIONS } from './chemistry.ts';
import { CIRCULATION_EQUATIONS } from './circulation.ts';
import type { Circumstances, Equation, StatedFacts } from './equation.ts';
import { KIDNEY_EQUATIONS } from './kidney.ts';
import { LIPID_EQUATIONS } from './lipids.ts';
import { LIVER_EQUATIONS } from './liver.ts';

/** Every equation of this package. */
export const EQUATIONS: readonly Equation[] = [
  ...KIDNEY_EQUATIONS,
  ...CHEMISTRY_EQUATIONS,
  ...LIPID_EQUATIONS,
  ...LIVER_EQUATIONS,
  ...CIRCULATION_EQUATIONS,
];

/** One value that went into an equation. */
export interface DerivedInput {
  name: string;
  value: number;
  unit: string;
  /** `Measurement.id`. */
  measurement: string;
}

/** A value worked out from measured ones, or the sentence why it was not. */
export interface DerivedResult {
  equation: Equation;
  inputs: readonly DerivedInput[];
  /** When the newest input was taken. */
  effective: string;
  /** Unrounded, in `equation.unit`; absent when refused. */
  value?: number;
  refused?: string;
  cautions: readonly string[];
}

/** How far apart the specimens of one equation may be. */
const SAME_OCCASION = 24 * 3_600_000;

/**
 * All equations whose inputs are among the measurements, on the newest occasion of each. Inputs more than 24 h apart are not
 * combined, apart from height and weight; censored inputs (`<`, `>`) are not used. What lies outside an equation's
 * limits comes back with `refused`, not as a number.
 */
export function derive(
  measurements: readonly Measurement[],
  patient: PatientFacts,
  stated: StatedFacts = {},
): DerivedResult[] {
  const newest = newestByAnalyte(measurements);
  return EQUATIONS.flatMap((equation) => deriveOne(equation, newest, patient, stated) ?? []);
}

function newestByAnalyte(measurements: readonly Measurement[]): Map<string, Measurement> {
  const newest = new Map<string, Measurement>();
  for (const one of measurements) {
    const key = analyteOf(one.loinc)?.key;
    if (key === undefined || one.comparator) continue;
    const other = newest.get(key);
    if (!other || Date.parse(one.effective) > Date.parse(other.effective)) newest.set(key, one);
  }
  return newest;
}

function deriveOne(
  equation: Equation,
  newest: ReadonlyMap<string, Measurement>,
  patient: PatientFacts,
  stated: StatedFacts,
): DerivedResult | undefined {
  const used: Measurement[] = [];
  const inputs: DerivedInput[] = [];
  const upperLimits: Record<string, number> = {};
  for (const [name, input] of Object.entries(equation.inputs)) {
    const keys = typeof input.analyte === 'string' ? [input.analyte] : input.analyte;
    const measurement = keys.map((key) => newest.get(key)).find((one) => one !== undefined);
    const value = measurement && valueIn(measurement, input.unit);
    if (!measurement || value === undefined) return undefined;
    used.push(measurement);
    inputs.push({ name, value, unit: input.unit, measurement: measurement.id });
    const range = referenceRange(measurement, patient);
    const limit = range?.high === undefined ? undefined : convertUnit(range.high, range.unit, input.unit);
    if (limit !== undefined) upperLimits[name] = limit;
  }
  const effective = occasionOf(used);
  if (effective === undefined) return undefined;
  const age = ageAt(patient.birthDate, effective);
  if (equation.needs?.includes('age') && age === undefined) return undefined;
  if (equation.needs?.includes('sex') && patient.sex === undefined) return undefined;
  const who: Circumstances = {
    age: Math.floor(age ?? Number.NaN),
    sex: patient.sex,
    pregnant: patient.pregnancy !== undefined,
    stated,
    upperLimits,
  };
  const values = Object.fromEntries(inputs.map(({ name, value }) => [name, value]));
  if (equation.applies && !equation.applies(values, who)) return undefined;
  return { equation, inputs, effective, ...outcome(equation, values, who) };
}

function outcome(equation: Equation, values: Record<string, number>, who: Circumstances) {
  if (Object.values(values).some((value) => value < 0)) {
    return { refused: 'One of the values is negative: check the results.', cautions: [] };
  }
  const refused = equation.refuses?.(values, who);
  if (refused !== undefined) return { refused, cautions: [] };
  const value = equation.compute(values, who);
  if (!Number.isFinite(value)) return { refused: 'The values do not give a number: check the results.', cautions: [] };
  return { value, cautions: equation.cautions?.(values, who) ?? [] };
}

/** The time of the newest input, or undefined if they do not belong to one occasion. */
function occasionOf(used: readonly Measurement[]): string | undefined {
  const lasting = (one: Measurement) => ['body-height', 'body-weight'].includes(analyteOf(one.loinc)?.key ?? '');
  const passing = used.filter((one) => !lasting(one));
  const times = passing.map((one) => Date.parse(one.effective));
  if (times.some(Number.isNaN) || Math.max(...times) - Math.min(...times) > SAME_OCCASION) return undefined;
  return (passing.length > 0 ? passing : used).reduce((a, b) =>
    Date.parse(b.effective) > Date.parse(a.effective) ? b : a,
  ).effective;
}
