/**
 * What a search index keeps of a resource: one entry for each value that a search parameter finds in it.
 * The extractor emits them; the store turns them into keyed tokens, ranges and references.
 *
 * `key` is an index key of the resource's type (see `SearchParameter.index`).
 */
export type IndexValue =
  | TokenValue
  | StringValue
  | ReferenceValue
  | UriValue
  | NumberValue
  | QuantityValue
  | DateValue
  | CompositeValue;

/** A code, Coding, CodeableConcept coding, Identifier, ContactPoint, boolean or id. */
export interface TokenValue {
  kind: 'token';
  key: string;
  /** Absent where the element has none. For `code` elements with a required binding: the system of the binding. */
  system?: string;
  /** Absent for a CodeableConcept that has only text. Identifier: its value. Booleans: `true` or `false`. */
  code?: string;
  /** For `:text`: Coding.display, CodeableConcept.text, Identifier.type.text; one entry may carry several. */
  text?: readonly string[];
  /** For `:of-type` on identifiers: system and code of each Identifier.type coding. */
  identifierType?: readonly { system?: string; code: string }[];
}

/** A string as written; the store normalises (see `normalizeString`). HumanName and Address emit one entry a part. */
export interface StringValue {
  kind: 'string';
  key: string;
  value: string;
}

/** A Reference or canonical. One of `type`+`id` (relative, or absolute below our own base), `url`, `identifier`. */
export interface ReferenceValue {
  kind: 'reference';
  key: string;
  type?: string;
  id?: string;
  /** An absolute URL elsewhere, a canonical (without its `|version`), or a `urn:`. */
  url?: string;
  /** `Reference.identifier`, for `:identifier`. */
  identifier?: { system?: string; value: string };
}

export interface UriValue {
  kind: 'uri';
  key: string;
  value: string;
}

export interface NumberValue {
  kind: 'number';
  key: string;
  value: number;
}

/** A Quantity, Money, or each end of a Range; `value` as written and, where UCUM knows the unit, canonical too. */
export interface QuantityValue {
  kind: 'quantity';
  key: string;
  value: number;
  /** System of the unit; for Money `urn:iso:std:iso:4217`. */
  system?: string;
  code?: string;
  unit?: string;
  /** In UCUM base units, for comparison across units (`mg` against `g`). `code` is the canonical unit expression. */
  canonical?: { value: number; code: string };
}

/** A point or period in time as the half-open range [low, high) in epoch milliseconds; open ends are ±Infinity. */
export interface DateValue {
  kind: 'date';
  key: string;
  low: number;
  high: number;
}

/** Values of the components that stand together in one element; each list holds the alternatives of one component. */
export interface CompositeValue {
  kind: 'composite';
  key: string;
  components: readonly (readonly Exclude<IndexValue, CompositeValue>[])[];
}
