import { type Coding, type Resource, UCUM } from '@meridian/fhir';
import type { DerivedResult } from './derived/derive.ts';
import type { Flag } from './interpret.ts';
import { ageAt, type Comparator, type Limits, type Measurement, type PatientFacts } from './measurement.ts';

const LOINC = 'http://loinc.org';
const INTERPRETATION = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
const RANGE_MEANING = 'http://terminology.hl7.org/CodeSystem/referencerange-meaning';
const GENDER = 'http://hl7.org/fhir/administrative-gender';
const UNUSABLE = ['entered-in-error', 'cancelled', 'registered'];
const MOST_COMPONENTS = 200;
/** Years per UCUM unit of age. */
const AGE_UNITS: Readonly<Record<string, number>> = { a: 1, mo: 1 / 12, wk: 7 / 365.25, d: 1 / 365.25 };

/** The facts of a FHIR Patient. `gender` other and unknown leave the sex out: no range that depends on it is then used. */
export function patientFacts(patient: Resource, pregnancy?: PatientFacts['pregnancy']): PatientFacts {
  const { gender, birthDate } = patient;
  return {
    ...((gender === 'female' || gender === 'male') && { sex: gender }),
    ...(typeof birthDate === 'string' && { birthDate }),
    ...(pregnancy && { pregnancy }),
  };
}

/**
 * The numbers in a FHIR R4 Observation: its own quantity and those of its components, each with a LOINC code, a UCUM unit and
 * the time of the specimen. What has none of these, and Observations entered in error, give nothing. The reference range
 * is the normal one that fits the patient's sex and age (Observation.referenceRange).
 */
export function measurementsOf(observation: Resource, patient: PatientFacts = {}): Measurement[] {
  const shape = observation as unknown as ObservationShape;
  if (observation.resourceType !== 'Observation' || UNUSABLE.includes(shape.status ?? '')) return [];
  const effective = shape.effectiveDateTime ?? shape.effectivePeriod?.start ?? shape.effectiveInstant ?? shape.issued;
  if (effective === undefined || Number.isNaN(Date.parse(effective))) return [];
  const id = `Observation/${shape.id ?? ''}`;
  const components = (shape.component ?? []).slice(0, MOST_COMPONENTS);
  return [
    ...measurementOf(shape, id, effective, patient),
    ...components.flatMap((component) => measurementOf(component, id, effective, patient, true)),
  ];
}

function measurementOf(
  holder: ValueShape,
  id: string,
  effective: string,
  patient: PatientFacts,
  component = false,
): Measurement[] {
  const coding = holder.code?.coding?.find((one) => one.system === LOINC && one.code !== undefined);
  const quantity = holder.valueQuantity;
  const unit = quantity && unitOf(quantity);
  const value = finite(quantity?.value);
  if (!coding?.code || value === undefined || unit === undefined) return [];
  const comparator = comparatorOf(quantity?.comparator);
  const range = rangeOf(holder.referenceRange ?? [], unit, ageAt(patient.birthDate, effective), patient);
  const flag = holder.interpretation?.flatMap((one) => one.coding ?? []).find((one) => one.system === INTERPRETATION);
  return [
    {
      id: component ? `${id}#${coding.code}` : id,
      loinc: coding.code,
      ...(coding.display !== undefined && { display: coding.display }),
      value,
      ...(comparator && { comparator }),
      unit,
      effective,
      ...(range && { range }),
      ...(flag?.code !== undefined && { flag: flag.code }),
    },
  ];
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** UCUM code; a quantity that states no system is taken at its word when it has a code or unit. */
function unitOf(quantity: QuantityShape): string | undefined {
  if (quantity.system !== undefined && quantity.system !== UCUM) return undefined;
  return quantity.code ?? quantity.unit;
}

function comparatorOf(text: string | undefined): Comparator | undefined {
  return text === '<' || text === '<=' || text === '>=' || text === '>' ? text : undefined;
}

function rangeOf(
  ranges: readonly RangeShape[],
  unit: string,
  age: number | undefined,
  patient: PatientFacts,
): Limits | undefined {
  const range = ranges.find((one) => isNormal(one) && fitsSex(one, patient) && fitsAge(one, age));
  const low = finite(range?.low?.value);
  const high = finite(range?.high?.value);
  if (!range || (low === undefined && high === undefined)) return undefined;
  const ends = [range.low, range.high].filter((end) => end?.value !== undefined);
  const units = new Set(ends.map((end) => (end && unitOf(end)) ?? unit));
  if (units.size > 1) return undefined;
  return {
    ...(low !== undefined && { low }),
    ...(high !== undefined && { high }),
    unit: [...units][0] ?? unit,
  };
}

function isNormal(range: RangeShape): boolean {
  const meaning = range.type?.coding?.find((one) => one.system === RANGE_MEANING)?.code;
  return meaning === undefined || meaning === 'normal';
}

function fitsSex(range: RangeShape, patient: PatientFacts): boolean {
  const sexes = (range.appliesTo ?? []).flatMap((one) => one.coding ?? []).filter((one) => one.system === GENDER);
  return sexes.length === 0 || sexes.some((one) => one.code === patient.sex);
}

function fitsAge(range: RangeShape, age: number | undefined): boolean {
  const from = yearsOf(range.age?.low);
  const to = yearsOf(range.age?.high);
  if (from === undefined && to === undefined) return true;
  return age !== undefined && age >= (from ?? 0) && age <= (to ?? Number.POSITIVE_INFINITY);
}

function yearsOf(quantity: QuantityShape | undefined): number | undefined {
  const factor = AGE_UNITS[quantity?.code ?? 'a'];
  const value = finite(quantity?.value);
  return value === undefined || factor === undefined ? undefined : value * factor;
}

/** The coding of a flag (v3-ObservationInterpretation). */
export function flagCoding(flag: Flag): Coding {
  const display = { N: 'Normal', L: 'Low', H: 'High', LL: 'Critical low', HH: 'Critical high' }[flag];
  return { system: INTERPRETATION, code: flag, display };
}

/**
 * A derived value as a FHIR R4 Observation: `derivedFrom` names every input, `method` the equation with its source, `note` the
 * cautions; a refused one has `dataAbsentReason` and the reason as note.
 */
export function toObservation(derived: DerivedResult, patient: string): Resource {
  const { equation, value } = derived;
  const notes = derived.refused === undefined ? derived.cautions : [derived.refused];
  const absent = { system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'not-applicable' };
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
    ],
    code: {
      ...(equation.loinc !== undefined && { coding: [{ system: LOINC, code: equation.loinc }] }),
      text: equation.name.en,
    },
    subject: { reference: patient },
    effectiveDateTime: derived.effective,
    ...(value === undefined
      ? { dataAbsentReason: { coding: [absent] } }
      : {
          valueQuantity: {
            value: Number(value.toFixed(equation.digits)),
            unit: equation.unit,
            system: UCUM,
            code: equation.unit,
          },
        }),
    method: { text: `${equation.expression} (${equation.source})` },
    derivedFrom: [...new Set(derived.inputs.map((input) => input.measurement.replace(/#.*$/, '')))].map(
      (reference) => ({
        reference,
      }),
    ),
    ...(notes.length > 0 && { note: notes.map((text) => ({ text })) }),
  };
}

interface QuantityShape {
  value?: number;
  comparator?: string;
  unit?: string;
  system?: string;
  code?: string;
}

interface RangeShape {
  low?: QuantityShape;
  high?: QuantityShape;
  type?: { coding?: Coding[] };
  appliesTo?: { coding?: Coding[] }[];
  age?: { low?: QuantityShape; high?: QuantityShape };
}

interface ValueShape {
  code?: { coding?: Coding[] };
  valueQuantity?: QuantityShape;
  referenceRange?: RangeShape[];
  interpretation?: { coding?: Coding[] }[];
}

interface ObservationShape extends ValueShape {
  id?: string;
  status?: string;
  effectiveDateTime?: string;
  effectivePeriod?: { start?: string };
  effectiveInstant?: string;
  issued?: string;
  component?: ValueShape[];
}
