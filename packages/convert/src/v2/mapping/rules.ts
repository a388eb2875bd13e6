import type { Cell, SegmentCells } from './cell.ts';
import type { Source } from './source.ts';

/** A JSON object under construction. */
export type Json = Record<string, unknown>;

/** What a cell means in FHIR; undefined where it means nothing, and then it takes nothing. */
export type Reading = (cell: Cell, source: Source) => unknown;

/**
 * One row of a segment map: field, element, reading, and when it holds. `name[]` takes every repetition, `name` the
 * first that means something, if nothing was put there before; `a.b` goes into a part.
 */
export type Rule = readonly [field: number, to: string, read: Reading, when?: (segment: SegmentCells) => boolean];

/** The rows of one map, as HL7's v2-to-FHIR guide has them, such as PID[Patient]. */
export type Rules = readonly Rule[];

/** Applies the rows of a map in order. */
export function applyRules(target: Json, rules: Rules, segment: SegmentCells, source: Source): void {
  for (const [field, to, read, when] of rules) {
    const cells = segment.field(field);
    if (cells.length === 0 || (when && !when(segment))) continue;
    if (to.endsWith('[]')) {
      for (const cell of cells) append(target, to, read(cell, source));
    } else if (valueAt(target, to) === undefined) {
      for (const cell of cells) {
        const value = read(cell, source);
        if (value === undefined) continue;
        put(target, to, value);
        break;
      }
    }
  }
}

function holderOf(target: Json, path: string): { holder: Json; key: string } {
  const steps = path.split('.');
  const key = steps.pop() as string;
  let holder = target;
  for (const step of steps) {
    holder[step] ??= {};
    holder = holder[step] as Json;
  }
  return { holder, key };
}

export function valueAt(target: Json, path: string): unknown {
  if (!path.includes('.')) return target[path];
  return path.split('.').reduce<unknown>((holder, step) => (holder as Json | undefined)?.[step], target);
}

/** Sets an element, making the parts above it. */
export function put(target: Json, path: string, value: unknown): void {
  if (value === undefined) return;
  if (!path.includes('.')) {
    target[path] = value;
    return;
  }
  const { holder, key } = holderOf(target, path);
  holder[key] = value;
}

/** Adds to a list, making it; `path` may end with `[]`. Nothing is added twice. */
export function append(target: Json, path: string, value: unknown): void {
  if (value === undefined) return;
  const { holder, key } = holderOf(target, path.endsWith('[]') ? path.slice(0, -2) : path);
  const list = listAt(holder, key);
  if (list.length > 0 && list.length < LOOKED_THROUGH) {
    const written = JSON.stringify(value);
    if (list.some((other) => JSON.stringify(other) === written)) return;
  }
  list.push(value);
}

/** Longer lists are not searched for repetitions: senders repeat themselves in short ones. */
const LOOKED_THROUGH = 32;

/** Adds to a list without looking: for references, which have no content until the end. */
export function push(target: Json, element: string, value: unknown): void {
  listAt(target, element).push(value);
}

/** The list of this name, made where there is none. */
export function listAt(target: Json, element: string): unknown[] {
  const list = (target[element] ?? []) as unknown[];
  target[element] = list;
  return list;
}

/** Wraps a reading: an extension of this URL and type. */
export function extension(url: string, type: string, read: Reading): Reading {
  return (cell, source) => {
    const value = read(cell, source);
    return value === undefined ? undefined : { url, [type]: value };
  };
}

/** Wraps a reading: an object with fixed elements beside what was read. */
export function within(key: string, read: Reading, rest: Json = {}): Reading {
  return (cell, source) => {
    const value = read(cell, source);
    return value === undefined ? undefined : { ...rest, [key]: value };
  };
}

/** Only where a field holds nothing. */
export function without(field: number): (segment: SegmentCells) => boolean {
  return (segment) => segment.peek(field) === '';
}
