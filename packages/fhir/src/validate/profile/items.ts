import { isObject, type Json } from '../walk.ts';
import type { ProfileNode } from './tree.ts';

/** One occurrence of an element in a record. */
export interface Item {
  value: unknown;
  /** What leads to it from its parent: `.name[1]`, `.valueQuantity`. */
  segment: string;
  /** The type a choice was made for, as it stands in the name of the property: `Quantity`, `DateTime`. */
  choice?: string;
}

/** The occurrences of a profile's element below a parent. A primitive that has extensions only occurs as its `_name`. */
export function itemsOf(parent: Json, { name, isChoice }: ProfileNode): Item[] {
  if (!isChoice) return itemsUnder(parent, name);
  const items: Item[] = [];
  for (const key in parent) {
    const property = key.startsWith('_') ? key.slice(1) : key;
    const initial = property.charCodeAt(name.length);
    if (!property.startsWith(name) || !(initial >= 65 && initial <= 90)) continue;
    if (key !== property && parent[property] !== undefined) continue;
    for (const item of itemsUnder(parent, property)) items.push({ ...item, choice: property.slice(name.length) });
  }
  return items;
}

function itemsUnder(parent: Json, name: string): Item[] {
  const value = parent[name] ?? parent[`_${name}`];
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [{ value, segment: `.${name}` }];
  const siblings = parent[`_${name}`];
  return value.map((one, index) => ({
    value: one ?? (Array.isArray(siblings) ? siblings[index] : undefined),
    segment: `.${name}[${index}]`,
  }));
}

/** Values at a discriminator's path below a value: element names, `ofType(T)`, `extension('url')` and `$this`. */
export function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  let values: unknown[] = [value];
  for (const step of path) values = values.flatMap((each) => stepInto(each, step));
  return values;
}

const EXTENSION = /^extension\('([^']+)'\)$/;

function stepInto(value: unknown, step: string): unknown[] {
  if (!isObject(value)) return [];
  const url = EXTENSION.exec(step)?.[1];
  if (url !== undefined) {
    const extensions = Array.isArray(value.extension) ? value.extension : [];
    return extensions.filter((each) => isObject(each) && each.url === url);
  }
  if (step.startsWith('ofType(')) return [value];
  const direct = value[step];
  if (direct !== undefined) return Array.isArray(direct) ? direct : [direct];
  return itemsOf(value, {
    name: step,
    isChoice: true,
    definition: { path: step },
    children: new Map(),
    slices: [],
  }).map((item) => item.value);
}

/** The steps of a discriminator path; `$this` is no step. Undefined for what is not supported. */
export function pathSteps(path: string): string[] | undefined {
  const steps = path.match(/extension\('[^']+'\)|[^.]+/g) ?? [];
  const known = steps.every((step) =>
    /^(\$this|resolve\(\)|[A-Za-z0-9]+|ofType\([A-Za-z0-9.]+\)|extension\('[^']+'\))$/.test(step),
  );
  return known ? steps.filter((step) => step !== '$this') : undefined;
}

/** Whether the value has everything the pattern has (R4, ElementDefinition.pattern[x]). */
export function hasPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((wanted) => value.some((each) => hasPattern(each, wanted)));
  }
  if (isObject(pattern)) {
    return isObject(value) && Object.entries(pattern).every(([name, wanted]) => hasPattern(value[name], wanted));
  }
  return value === pattern;
}
