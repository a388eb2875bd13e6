import type { Issue } from '../issue.ts';
import type { SearchParameter } from './parameter.ts';

/** Comparison prefixes (FHIR R4, Search §3.1.1.4.3). */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** A parsed search: what to find, in which order, what comes along, and what the caller should be told. */
export interface SearchQuery {
  /** The types searched: one for `/Patient?…`, several or all for a search at the base with `_type`. */
  types: readonly string[];
  /** All must hold. */
  filters: readonly Filter[];
  sort: readonly SortKey[];
  include: readonly Include[];
  revinclude: readonly Include[];
  /** Asked page size; undefined where the caller left it to the server. `0` means `_summary=count`. */
  count?: number;
  total: 'none' | 'estimate' | 'accurate';
  summary: 'true' | 'text' | 'data' | 'count' | 'false';
  /** Elements asked for by `_elements`; empty: all. */
  elements: readonly string[];
  /** Opaque, from the server's own `next` link; not interpreted here. */
  cursor?: string;
  /** Parameters that were understood, as (name, value) in the caller's order, for the `self` link. */
  applied: readonly (readonly [string, string])[];
  /** What was not applied, as warnings; errors under strict handling are thrown instead. */
  warnings: readonly Issue[];
}

export type Filter =
  | ValueFilter
  | ChainFilter
  | HasFilter
  | IdFilter
  | LastUpdatedFilter
  | CompartmentFilter
  | NeverFilter;

/** `name=a,b`, `name:modifier=…`: the values are alternatives. */
export interface ValueFilter {
  kind: 'value';
  parameter: SearchParameter;
  /** `:not` and `:missing` are flags because they negate; other modifiers change how the values are read. */
  negated: boolean;
  values: readonly FilterValue[];
}

/** A value as the caller meant it, already split by type of parameter. */
export type FilterValue =
  | { kind: 'missing'; missing: boolean }
  /** `code`, `system|code`, `|code` (system: null), `system|` (code undefined). `:in`/`:not-in` are expanded by then. */
  | { kind: 'token'; system?: string | null; code?: string }
  /** `:text`: starts-with on the words of displays and texts. */
  | { kind: 'token-text'; text: string }
  /** `:of-type`: type system | type code | identifier value. */
  | { kind: 'of-type'; system: string; code: string; value: string }
  | { kind: 'string'; value: string; match: 'starts' | 'contains' | 'exact' }
  /** `Type/id`, bare `id` (types: the possible targets), or an absolute or canonical URL. */
  | { kind: 'reference'; types: readonly string[]; id: string }
  | { kind: 'reference-url'; url: string }
  /** `:identifier`. */
  | { kind: 'reference-identifier'; system?: string | null; value: string }
  | { kind: 'uri'; value: string; match: 'exact' | 'below' | 'above' }
  /** `low`/`high` is the range that the number of digits implies: 100 is [99.5, 100.5). */
  | { kind: 'number'; prefix: Prefix; value: number; low: number; high: number }
  | {
      kind: 'quantity';
      prefix: Prefix;
      value: number;
      low: number;
      high: number;
      system?: string;
      code?: string;
      /** Present when `code` is a UCUM unit that could be converted. */
      canonical?: { value: number; low: number; high: number; code: string };
    }
  /** Half-open [low, high) in epoch milliseconds. */
  | { kind: 'date'; prefix: Prefix; low: number; high: number }
  | { kind: 'composite'; components: readonly FilterValue[] };

/** `subject:Patient.name=…`: some resource that `parameter` points to fulfils `next`. */
export interface ChainFilter {
  kind: 'chain';
  parameter: SearchParameter;
  /** The types to look at; never empty. */
  targets: readonly string[];
  /** One filter for each entry of `targets`, in the same order (parameters differ between types). */
  next: readonly Filter[];
}

/** `_has:Observation:patient:code=…`: some `type` that points here by `parameter` fulfils `next`. */
export interface HasFilter {
  kind: 'has';
  type: string;
  parameter: SearchParameter;
  next: Filter;
}

/** `_id=a,b`. */
export interface IdFilter {
  kind: 'id';
  ids: readonly string[];
  negated: boolean;
}

/** `_lastUpdated=ge2024`; half-open [low, high) in epoch milliseconds. Alternatives, as every comma list. */
export interface LastUpdatedFilter {
  kind: 'lastUpdated';
  values: readonly { prefix: Prefix; low: number; high: number }[];
}

/** `/Patient/1/Observation?…`: any of `parameters` points to the compartment's owner. */
export interface CompartmentFilter {
  kind: 'compartment';
  /** Such as `Patient`. */
  owner: string;
  id: string;
  /** For each type searched: the reference parameters that place a resource in this compartment. */
  parameters: Readonly<Record<string, readonly SearchParameter[]>>;
}

/** Something that no resource can fulfil (a `:in` value set that expands to nothing, say). */
export interface NeverFilter {
  kind: 'never';
}

/** `_sort=-date`. `_lastUpdated` and `_id` have no parameter. */
export type SortKey = { descending: boolean } & (
  | { by: '_lastUpdated' | '_id' }
  | { by: 'parameter'; parameter: SearchParameter }
);

/** `_include=Observation:subject:Patient`, with `:iterate`. */
export interface Include {
  /** Type that holds the reference. */
  source: string;
  /** `undefined`: `*`, every reference parameter. */
  parameter?: SearchParameter;
  /** Restricts the target type. */
  target?: string;
  iterate: boolean;
}
