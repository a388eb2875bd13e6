import { canonicalQuantity } from '@meridian/fhir';

/** target = source × factor + offset. */
interface Line {
  factor: number;
  offset: number;
}

/** Unit codes of real records are short; longer ones are not worth parsing or keeping. */
const LONGEST_UNIT = 64;
const CACHED_LINES = 2048;
const lines = new Map<string, Line | null>();

/**
 * The value in another UCUM unit, or undefined where the two do not measure the same. With a molar mass (g/mol) mass and
 * amount of substance convert into each other: 1 mg/dL of creatinine (113.12) is 88.4 umol/L. Arbitrary units (`[IU]`,
 * UCUM § 24) convert only among their own multiples. Ten digits are kept.
 */
export function convertUnit(value: number, from: string, to: string, molarMass?: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (from === to) return value;
  if (from.length > LONGEST_UNIT || to.length > LONGEST_UNIT) return undefined;
  const line = lineBetween(from, to, molarMass);
  if (!line) return undefined;
  const converted = Number((value * line.factor + line.offset).toPrecision(10));
  return Number.isFinite(converted) ? converted : undefined;
}

function lineBetween(from: string, to: string, molarMass: number | undefined): Line | null {
  const key = `${from} ${to} ${molarMass ?? ''}`;
  const cached = lines.get(key);
  if (cached !== undefined) return cached;
  const line = findLine(from, to, molarMass);
  if (lines.size >= CACHED_LINES) lines.delete(lines.keys().next().value as string);
  lines.set(key, line);
  return line;
}

function findLine(from: string, to: string, molarMass: number | undefined): Line | null {
  const [source, target] = bothArbitrary(from, to);
  const a = baseLine(source);
  const b = baseLine(target);
  if (!a || !b) return null;
  const bridge = massBridge(a.code, b.code, molarMass);
  if (bridge === undefined) return null;
  return { factor: (a.factor * bridge) / b.factor, offset: (a.offset * bridge - b.offset) / b.factor };
}

/** Arbitrary units have no base unit; the same stand-in on both sides keeps the ratio of their prefixes. */
function bothArbitrary(from: string, to: string): [string, string] {
  const arbitrary = /\[(?:iU|IU)\]/;
  if (!arbitrary.test(from) || !arbitrary.test(to)) return [from, to];
  return [from.replace(arbitrary, 'cd'), to.replace(arbitrary, 'cd')];
}

function baseLine(unit: string): (Line & { code: string }) | undefined {
  const zero = canonicalQuantity(0, unit);
  // A large probe keeps digits: canonical values are rounded to twelve.
  const probe = canonicalQuantity(1000, unit);
  if (!zero || !probe) return undefined;
  return { factor: (probe.value - zero.value) / 1000, offset: zero.value, code: probe.code };
}

/** What a base value is multiplied by: 1 in the same dimension, by the molar mass between gram and mole. */
function massBridge(from: string, to: string, molarMass: number | undefined): number | undefined {
  if (from === to) return 1;
  if (molarMass === undefined) return undefined;
  const a = exponents(from);
  const b = exponents(to);
  const grams = (a.get('g') ?? 0) - (b.get('g') ?? 0);
  const moles = (a.get('mol') ?? 0) - (b.get('mol') ?? 0);
  for (const map of [a, b]) {
    map.delete('g');
    map.delete('mol');
  }
  if (!sameEntries(a, b) || grams !== -moles || Math.abs(grams) !== 1) return undefined;
  return grams === 1 ? 1 / molarMass : molarMass;
}

function exponents(code: string): Map<string, number> {
  const map = new Map<string, number>();
  if (code === '1') return map;
  for (const part of code.split('.')) {
    const match = /^(.*?)(-?\d+)?$/.exec(part);
    if (match?.[1]) map.set(match[1], Number(match[2] ?? 1));
  }
  return map;
}

function sameEntries(a: Map<string, number>, b: Map<string, number>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
