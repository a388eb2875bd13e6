import { isObject, type Json } from '../walk.ts';

/**
 * Small readers for the rules on JSON nodes of the right form. They follow FHIRPath: an element exists when it has a
 * value or, as a primitive, extensions only (`_name`).
 */

const siblings = new Map<string, string>();

function sibling(name: string): string {
  let found = siblings.get(name);
  if (found === undefined) {
    found = `_${name}`;
    siblings.set(name, found);
  }
  return found;
}

/** `name.exists()` */
export function has(node: Json, name: string): boolean {
  return node[name] !== undefined || node[sibling(name)] !== undefined;
}

/** How many of the elements exist. */
export function countOf(node: Json, ...names: string[]): number {
  let count = 0;
  for (const name of names) if (has(node, name)) count++;
  return count;
}

/** `name.exists()` for a choice `name[x]` of any type. */
export function hasChoice(node: Json, name: string): boolean {
  return choiceKey(node, name) !== undefined;
}

/** The JSON property that holds the choice `name[x]`, such as `valueQuantity`. */
export function choiceKey(node: Json, name: string): string | undefined {
  for (const key in node) {
    const start = key.charCodeAt(0) === 95 /* _ */ ? 1 : 0;
    if (!key.startsWith(name, start)) continue;
    const next = key.charCodeAt(start + name.length);
    if (next >= 65 && next <= 90) return key;
  }
  return undefined;
}

/** The objects of an element that may repeat; none when it is absent. */
export function each(node: Json, name: string): Json[] {
  const value = node[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The element when it is an object, otherwise an empty one. */
export function part(node: Json, name: string): Json {
  const value = node[name];
  return isObject(value) ? value : {};
}

/** The strings of a primitive element, whether it repeats or not. */
export function strings(node: Json, name: string): string[] {
  const value = node[name];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

export function isDistinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

/** Whether a CodeableConcept has a coding with this system and one of the codes. */
export function hasCoding(node: Json, name: string, system: string, ...codes: string[]): boolean {
  return each(part(node, name), 'coding').some(
    (coding) => coding.system === system && codes.includes(String(coding.code)),
  );
}

/**
 * `a <= b` for date, dateTime and instant. Where one is less precise the answer is yes unless the common part says no:
 * 2012-01 is not after 2012-01-15 (FHIRPath itself gives no answer there).
 */
export function notAfter(a: unknown, b: unknown): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return true;
  if (a.length <= 10 || b.length <= 10) {
    const common = Math.min(a.length, b.length, 10);
    return a.slice(0, common) <= b.slice(0, common);
  }
  const [first, second] = [Date.parse(a), Date.parse(b)];
  // A leap second has no place in JavaScript's time: no verdict.
  return Number.isNaN(first) || Number.isNaN(second) || first <= second;
}

/** Equality of JSON values as FHIRPath's `=`: member by member, in any order of members. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, index) => deepEqual(one, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => deepEqual(a[key], b[key]));
}
