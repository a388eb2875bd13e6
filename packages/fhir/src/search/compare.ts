import type { DateRange } from './date-range.ts';
import type { QuantityValue } from './index-value.ts';
import type { FilterValue, Prefix } from './query.ts';

/** A number searched for: its value, and the range of its digits (already widened for `ap`). */
interface SearchedNumber {
  value: number;
  low: number;
  high: number;
}

/**
 * A number of a resource against one searched (FHIR R4, Search, "Prefixes" and "number"): the implied precision counts for
 * eq, ne and ap only; for the others the number stands for itself.
 */
export function numberMatches(prefix: Prefix, searched: SearchedNumber, value: number): boolean {
  switch (prefix) {
    case 'eq':
      return searched.low <= value && value < searched.high;
    case 'ne':
      return value < searched.low || value >= searched.high;
    case 'ap':
      return searched.low <= value && value <= searched.high;
    case 'gt':
    case 'sa':
      return value > searched.value;
    case 'lt':
    case 'eb':
      return value < searched.value;
    case 'ge':
      return value >= searched.value;
    case 'le':
      return value <= searched.value;
  }
}

/** A range of a resource against one searched (R4, Search, "Prefixes"): both are half-open. */
export function dateMatches(prefix: Prefix, searched: DateRange, value: DateRange): boolean {
  const contained = searched.low <= value.low && value.high <= searched.high;
  const reachesAbove = value.high > searched.high;
  const reachesBelow = value.low < searched.low;
  switch (prefix) {
    case 'eq':
      return contained;
    case 'ne':
      return !contained;
    case 'gt':
      return reachesAbove;
    case 'lt':
      return reachesBelow;
    case 'ge':
      return reachesAbove || contained;
    case 'le':
      return reachesBelow || contained;
    case 'sa':
      return value.low >= searched.high;
    case 'eb':
      return value.high <= searched.low;
    case 'ap':
      return value.low < searched.high && value.high > searched.low;
  }
}

/**
 * A quantity against one searched (R4, Search, "quantity"): in canonical units where both have them; else by system and
 * code, or, where no system is given, by code or unit as written; without a code by the number alone.
 */
export function quantityMatches(searched: FilterValue & { kind: 'quantity' }, value: QuantityValue): boolean {
  if (searched.canonical && value.canonical) {
    return (
      searched.canonical.code === value.canonical.code &&
      numberMatches(searched.prefix, searched.canonical, value.canonical.value)
    );
  }
  if (searched.system !== undefined && searched.system !== value.system) return false;
  if (searched.code !== undefined && searched.code !== value.code) {
    if (searched.system !== undefined || searched.code !== value.unit) return false;
  }
  return numberMatches(searched.prefix, searched, value.value);
}
