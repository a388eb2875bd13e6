import { searchParametersOf } from '@meridian/fhir';

const places = new Map<string, ReadonlyMap<string, bigint>>();

/**
 * The bit of an index key in `resource.present`, for `:missing`: the key's place in the alphabetical list of the type's
 * keys. Part of the storage format (present.test.ts holds its digest): R4's list does not change, and what is added to it
 * must be put behind.
 */
export function presentBit(type: string, key: string): bigint {
  let ofType = places.get(type);
  if (!ofType) {
    ofType = new Map(indexKeys(type).map((name, i) => [name, 1n << BigInt(i)]));
    places.set(type, ofType);
  }
  return ofType.get(key) ?? 0n;
}

/** All index keys of a type in alphabetical order; at most 62. */
export function indexKeys(type: string): string[] {
  return [...new Set(searchParametersOf(type).flatMap((parameter) => parameter.index))].sort();
}
