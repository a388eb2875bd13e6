import type { Prefix } from './query.ts';

const PREFIXED = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)$/s;
const DECIMAL = /^([+-]?)(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Splits the comparison prefix off; without one it is `eq` (FHIR R4, Search, "Prefixes"). */
export function splitPrefix(text: string): { prefix: Prefix; rest: string } {
  const [, prefix, rest] = PREFIXED.exec(text) as unknown as [string, Prefix | undefined, string];
  return { prefix: prefix ?? 'eq', rest };
}

/**
 * A decimal and the half-open range that its digits imply (R4, Search, "number"): 100 is [99.5, 100.5), 100.00 is
 * [99.995, 100.005), and, as the specification's own example has it, 1e2 is [95, 105). Undefined for other texts.
 */
export function numberRange(text: string): { value: number; low: number; high: number } | undefined {
  const parts = DECIMAL.exec(text);
  if (!parts) return undefined;
  const [, sign, whole, fraction = '', exponent] = parts as unknown as [string, string, string, string?, string?];
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  // Whole numbers of a tenth (with an exponent: a hundredth) of the last digit keep binary fractions out of the bounds.
  const extra = exponent === undefined ? 1 : 2;
  const scale = Number(exponent ?? 0) - fraction.length - extra;
  const middle = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`) * 10n ** BigInt(extra);
  return { value, low: Number(`${middle - 5n}e${scale}`), high: Number(`${middle + 5n}e${scale}`) };
}
