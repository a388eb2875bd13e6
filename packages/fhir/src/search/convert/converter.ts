import type { CompositeValue, IndexValue } from '../index-value.ts';

/** Index values that an element can become; composites are put together from these. */
export type SimpleValue = Exclude<IndexValue, CompositeValue>;

/**
 * Turns one element into index values and adds them to `out`; what is not of the type's shape adds nothing.
 * `baseUrl` is our own, so that absolute references to us count as local.
 */
export type Converter = (element: unknown, out: SimpleValue[], baseUrl: string | undefined) => void;

/** What a converter knows beforehand. */
export interface ConverterOptions {
  key: string;
  /** Code system of the required binding, for elements of type `code`. */
  system?: string | undefined;
}

export type Members = Readonly<Record<string, unknown>>;

/** The element's members, or undefined where it is no object. */
export function members(element: unknown): Members | undefined {
  return typeof element === 'object' && element !== null ? (element as Members) : undefined;
}

/** The text, or undefined where it is none or empty. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The items, or none where it is no array. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
