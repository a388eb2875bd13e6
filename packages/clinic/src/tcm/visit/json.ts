/** Parts of a parsed resource, read without trusting its shape. */

type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of an array; none when it is not one. */
export function objectsOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The `value` of a Quantity, when its UCUM code is the one asked for. */
export function valueIn(quantity: unknown, code: string): number | undefined {
  return isObject(quantity) && quantity.code === code ? finite(quantity.value) : undefined;
}

/** A JSON number, also as the parser that keeps written decimals gives it. */
export function finite(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : isObject(value) ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** The code that a CodeableConcept or Coding has in a system. */
export function codeIn(value: unknown, system: string): string | undefined {
  if (!isObject(value)) return undefined;
  const codings = Array.isArray(value.coding) ? objectsOf(value.coding) : [value];
  return textOf(codings.find((coding) => coding.system === system)?.code);
}

/** The extensions of an element with a url. */
export function extensionsOf(value: unknown, url: string): Json[] {
  return isObject(value) ? objectsOf(value.extension).filter((extension) => extension.url === url) : [];
}
