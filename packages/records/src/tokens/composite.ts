import { type SearchParameter, searchParameter } from '@meridian/fhir';

/**
 * Whether a composite pairs elements of the resource itself that occur once (`code-value-quantity` pairs `code` and
 * `value[x]`): then it says no more than its components together, and needs no index of its own. Composites of repeating
 * elements (`component-code-value-quantity`) do.
 */
export function isConjunction(type: string, key: string): boolean {
  return searchParameter(type, key)?.expression === type;
}

/** The parameters whose conjunction it is. */
export function conjuncts(type: string, key: string): SearchParameter[] {
  return (searchParameter(type, key)?.components ?? []).flatMap(({ name }) => searchParameter(type, name) ?? []);
}
