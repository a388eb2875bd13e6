import { searchParametersOf } from '@meridian/fhir';

/** Search parameters that say what a record is, best first. */
const CANDIDATES = ['code', 'vaccine-code', 'medication', 'class', 'type', 'service-type', 'category'];

const keys = new Map<string, string | undefined>();

/**
 * The index key of the code by which one patient's records of a type are told apart: its token leads `resource.tokens`
 * and an index of its own. Undefined where the type has no such code. Part of the storage format.
 */
export function principalCodeKey(type: string): string | undefined {
  if (!keys.has(type)) keys.set(type, choose(type));
  return keys.get(type);
}

function choose(type: string): string | undefined {
  const codes = searchParametersOf(type).filter(
    (parameter) => parameter.type === 'token' && parameter.index.length === 1,
  );
  for (const name of CANDIDATES) {
    const found = codes.find((parameter) => parameter.name === name);
    if (found) return found.index[0];
  }
  return undefined;
}
