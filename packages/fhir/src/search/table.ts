import { readFileSync } from 'node:fs';
import type { SearchParameterType } from './parameter.ts';

/**
 * The shape of `generated/search.json`, which `tools/generate-search.ts` writes from the R4 definitions: expressions are
 * resolved there against the element definitions, so that nothing at run time needs those.
 */
export interface SearchTable {
  /** By resource type; `Resource` holds what all types have. */
  types: Readonly<Record<string, TypeTable>>;
  /** Compartment owner → resource type → names of the parameters that place a resource in the compartment. */
  compartments: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface TypeTable {
  parameters: readonly ParameterRow[];
  index: readonly IndexPlan[];
  /** How to find the Patient in whose record a resource of this type is; absent where it is in none. */
  patient?: PatientPlan;
}

/** A SearchParameter without what can be defaulted (see `parameters.ts`). */
export interface ParameterRow {
  name: string;
  type: SearchParameterType;
  /** The last part of the canonical URL. */
  id: string;
  description: string;
  expression: string;
  /** Absent: its own name. */
  index?: readonly string[];
  target?: readonly string[];
  components?: readonly { name: string; type: SearchParameterType }[];
  multiple?: true;
}

/** How the values of one index key are read from a resource. */
export interface IndexPlan {
  key: string;
  type: SearchParameterType;
  arms?: readonly Arm[];
  composites?: readonly CompositePlan[];
}

/** One path through the JSON to elements of one type. */
export interface Arm {
  path: readonly Step[];
  /** FHIR type of the elements found. */
  as: string;
  /** Code system of the required binding, for elements of type `code`. */
  system?: string;
}

/**
 * One step of a path, on the JSON:
 * `name` goes to a member (each of its items where it is an array); `[0]` keeps the first item only (it follows a
 * name); `system=phone` keeps objects whose member has that value; `is Patient` keeps references to that type;
 * `known a b` yields true or false: whether one of the members is there and is not false.
 */
export type Step = string;

export interface CompositePlan {
  /** Path to the elements within which the components stand together; empty: the resource. */
  base: readonly Step[];
  components: readonly ComponentPlan[];
}

export interface ComponentPlan {
  name: string;
  type: SearchParameterType;
  arms: readonly Arm[];
  /** The arms begin at the resource, not at the base (`%resource.…`). */
  fromResource?: true;
}

export interface PatientPlan {
  /** Paths to References, the most telling first. */
  paths: readonly (readonly Step[])[];
  /** Index keys of the one reference of cardinality ≤ 1 that decides; empty where several may. */
  decidedBy: readonly string[];
}

/** Reads the generated table; callers keep what they derive from it in immutable tables. */
export const searchTable: SearchTable = JSON.parse(
  readFileSync(new URL('../../generated/search.json', import.meta.url), 'utf8'),
) as SearchTable;
