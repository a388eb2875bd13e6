import { UcumLhcUtils } from '@lhncbc/ucum-lhc';

/** The code system of UCUM units. */
export const UCUM = 'http://unitsofmeasure.org';

/** A quantity in UCUM base units; `code` lists them in a fixed order, such as `g.m-3`, and is `1` for pure numbers. */
export interface CanonicalQuantity {
  value: number;
  code: string;
}

/** canonical = value × factor + offset. */
interface Conversion {
  factor: number;
  offset: number;
  code: string;
}

/** Unit codes of real records are short; longer ones are not worth parsing. */
const LONGEST_UNIT = 64;
const CACHED_UNITS = 2048;

/** Avogadro's number as the UCUM tables of this library have it. */
const MOLE = 6.0221367e23;

/** Conversion by unit code; null for what cannot be converted. The oldest entry leaves when it is full. */
const conversions = new Map<string, Conversion | null>();

/**
 * The quantity in base units, so that 500 mg and 0.5 g compare (FHIR R4, Search, "quantity"; UCUM §§ 18–21). Undefined
 * for unknown units, for arbitrary ones (`[iU]`, UCUM § 24) and for logarithmic ones (`[pH]`). Linear special units
 * (`Cel`, `[degF]`) are converted.
 *
 * UCUM counts a mole as a pure number, which would make 5 mmol/L comparable with 5 × 10*9/L. No clinician means that,
 * so moles and equivalents stay in the code as dimensions of their own.
 */
export function canonicalQuantity(value: number, unit: string): CanonicalQuantity | undefined {
  const conversion = conversionOf(unit);
  if (!conversion) return undefined;
  // Twelve digits are more than any measurement has and hide what binary fractions add (0.1 × 3).
  const canonical = Number((value * conversion.factor + conversion.offset).toPrecision(12));
  return Number.isFinite(canonical) ? { value: canonical, code: conversion.code } : undefined;
}

function conversionOf(unit: string): Conversion | null {
  const cached = conversions.get(unit);
  if (cached !== undefined) return cached;
  if (unit === '' || unit.length > LONGEST_UNIT) return null;
  const conversion = findConversion(unit);
  if (conversions.size >= CACHED_UNITS) conversions.delete(conversions.keys().next().value as string);
  conversions.set(unit, conversion);
  return conversion;
}

function findConversion(unit: string): Conversion | null {
  const ucum = UcumLhcUtils.getInstance();
  const one = ucum.convertToBaseUnits(unit, 1);
  if (one.status !== 'succeeded' || one.magnitude === undefined || one.unitToExp === undefined) return null;
  const linear = one.fromUnitIsSpecial ? linearFit(unit, one.magnitude) : { factor: one.magnitude, offset: 0 };
  if (!linear) return null;
  const { moleExp_: moles = 0, equivalentExp_: equivalents = 0 } = ucum.getSpecifiedUnit(unit, 'validate').unit ?? {};
  const exponents = { ...one.unitToExp, mol: moles, eq: equivalents };
  const factor = linear.factor / MOLE ** (moles + equivalents);
  return { factor, offset: linear.offset, code: canonicalCode(exponents) };
}

/** Factor and offset of a special unit, or null where it is not linear. */
function linearFit(unit: string, atOne: number): { factor: number; offset: number } | null {
  const ucum = UcumLhcUtils.getInstance();
  const atZero = ucum.convertToBaseUnits(unit, 0).magnitude;
  const atHundred = ucum.convertToBaseUnits(unit, 100).magnitude;
  if (atZero === undefined || atHundred === undefined) return null;
  const factor = (atHundred - atZero) / 100;
  const error = Math.abs(atZero + factor - atOne);
  return error <= 1e-9 * Math.abs(atHundred) ? { factor, offset: atZero } : null;
}

function canonicalCode(exponents: Record<string, number>): string {
  const dimensions = Object.entries(exponents)
    .filter(([, exponent]) => exponent !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([unit, exponent]) => (exponent === 1 ? unit : `${unit}${exponent}`));
  return dimensions.length === 0 ? '1' : dimensions.join('.');
}
