import { readFileSync } from 'node:fs';

/**
 * The base types of FHIR R4 as tables, generated from HL7's published definitions (see `tools/generate-definitions.ts`).
 */
export interface Definitions {
  /** By type name (`Patient`, `HumanName`) or by the path of a nested element (`Patient.contact`). */
  structures: Record<string, Structure>;
  /** Invariants by key, such as `obs-6`. */
  constraints: Record<string, Constraint>;
  /** Top-level summary elements by resource type, choices written `value[x]`. */
  summary: Record<string, string[]>;
  /** Codes by system, for every value set with a required binding that can be listed. */
  valueSets: Record<string, Record<string, string[]>>;
}

export interface Structure {
  kind: 'resource' | 'complex' | 'primitive';
  abstract?: boolean;
  /** The structure whose elements and constraints this one inherits. */
  base?: string;
  elements: ElementRow[];
  /** Keys of `Definitions.constraints`. */
  constraints?: string[];
}

/** One element; absent `min` means 0, absent `max` means 1. `choice` marks `name[x]`. */
export interface ElementRow {
  name: string;
  choice?: boolean;
  min?: number;
  max?: number | '*';
  types?: TypeRow[];
  /** URL of the value set that is bound as required. */
  binding?: string;
  constraints?: string[];
}

/** A type name or the path of a nested structure; with targets for a Reference, or a profile of a data type. */
export type TypeRow = string | { code: string; targets?: string[]; profile?: string };

export interface Constraint {
  severity: 'error' | 'warning';
  /** The rule in words, as published. */
  human: string;
  /** The rule in FHIRPath. */
  expression: string;
}

let loaded: Definitions | undefined;

/** The generated tables; read once (about 5 ms) when first asked for, and never changed. */
export function definitions(): Definitions {
  loaded ??= JSON.parse(readFileSync(new URL('../generated/structures.json', import.meta.url), 'utf8')) as Definitions;
  return loaded;
}

/** One element under one name that JSON can carry: a choice of types becomes several of these. */
export interface JsonElement {
  row: ElementRow;
  type: TypeRow;
  /** The property in JSON, such as `valueQuantity`. */
  property: string;
}

/** A structure with everything it inherits. */
export interface ResolvedStructure {
  name: string;
  elements: ElementRow[];
  constraints: string[];
}

/** The elements and constraints of a structure, inherited ones first; undefined for an unknown name. */
export function resolveStructure(name: string): ResolvedStructure | undefined {
  const structure = definitions().structures[name];
  if (!structure) return undefined;
  const base = structure.base === undefined ? undefined : resolveStructure(structure.base);
  const elements = new Map((base?.elements ?? []).map((row) => [row.name, row]));
  for (const row of structure.elements) elements.set(row.name, row);
  return {
    name,
    elements: [...elements.values()],
    constraints: [...(base?.constraints ?? []), ...(structure.constraints ?? [])],
  };
}

/** The name of a type row, without targets and profile. */
export function typeCode(type: TypeRow): string {
  return typeof type === 'string' ? type : type.code;
}

/** The JSON properties of an element: one, or one for each type of a choice (R4, JSON, "choice of data types"). */
export function jsonElements(row: ElementRow): JsonElement[] {
  const types = row.types ?? [];
  if (!row.choice) return types.slice(0, 1).map((type) => ({ row, type, property: row.name }));
  return types.map((type) => {
    const code = typeCode(type);
    return { row, type, property: row.name + (code[0] ?? '').toUpperCase() + code.slice(1) };
  });
}

/** Whether the name is a primitive data type of FHIR R4, such as `dateTime`. */
export function isPrimitive(type: string): boolean {
  return type === 'elementId' || definitions().structures[type]?.kind === 'primitive';
}

let resourceTypeNames: readonly string[] | undefined;

/** The names of all concrete R4 resource types, in alphabetical order. */
export function resourceTypes(): readonly string[] {
  resourceTypeNames ??= Object.entries(definitions().structures)
    .filter(([, { kind, abstract }]) => kind === 'resource' && !abstract)
    .map(([name]) => name)
    .sort();
  return resourceTypeNames;
}

/** Whether the name is a concrete R4 resource type, such as `Patient`. */
export function isResourceType(name: string): boolean {
  const table = definitions().structures;
  const structure = Object.hasOwn(table, name) ? table[name] : undefined;
  return structure?.kind === 'resource' && !structure.abstract;
}

/**
 * The JSON properties at the top of a resource that `_summary=true` keeps (R4, Search, "Summary"): elements marked as
 * summary, every choice under all its names. `resourceType` is not listed. Empty for an unknown type.
 */
export function summaryElements(type: string): readonly string[] {
  const names = new Set(isResourceType(type) ? definitions().summary[type] : []);
  return elementsOf(type)
    .filter(({ row }) => names.has(row.choice ? `${row.name}[x]` : row.name))
    .map(({ property }) => property);
}

/**
 * The JSON properties at the top of a resource that must be present (min ≥ 1), every choice under all its names:
 * `_elements` must not drop them (R4, Search, "Elements"). Empty for an unknown type.
 */
export function mandatoryElements(type: string): readonly string[] {
  return elementsOf(type)
    .filter(({ row }) => (row.min ?? 0) > 0)
    .map(({ property }) => property);
}

/** All elements of a type (`Patient`) or nested structure (`Patient.contact`) by JSON property; empty if unknown. */
export function elementsOf(type: string): readonly JsonElement[] {
  if (!Object.hasOwn(definitions().structures, type)) return [];
  return (resolveStructure(type)?.elements ?? []).flatMap(jsonElements);
}
