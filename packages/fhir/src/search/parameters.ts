import { isResourceType } from '../definitions.ts';
import type { SearchParameter } from './parameter.ts';
import { type ParameterRow, searchTable, type TypeTable } from './table.ts';

const CANONICAL_BASE = 'http://hl7.org/fhir/SearchParameter/';

/** The parameters of one resource type by name, with those that all types have. */
const byType = new Map<string, ReadonlyMap<string, SearchParameter>>();

const NONE: ReadonlyMap<string, SearchParameter> = new Map();

/** `_id` and `_lastUpdated` have no index keys: the store keeps them for every resource. */
const KEPT_FOR_ALL: readonly SearchParameter[] = [
  {
    name: '_id',
    type: 'token',
    url: `${CANONICAL_BASE}Resource-id`,
    description: 'Logical id of this artifact',
    expression: 'Resource.id',
    index: [],
    target: [],
    components: [],
    multiple: false,
  },
  {
    name: '_lastUpdated',
    type: 'date',
    url: `${CANONICAL_BASE}Resource-lastUpdated`,
    description: 'When the resource version last changed',
    expression: 'Resource.meta.lastUpdated',
    index: [],
    target: [],
    components: [],
    multiple: false,
  },
];

/** What can be searched of a type, for the CapabilityStatement; empty for an unknown type. */
export function searchParametersOf(type: string): readonly SearchParameter[] {
  return [...parametersOf(type).values()];
}

/** The parameter of that name, or undefined. */
export function searchParameter(type: string, name: string): SearchParameter | undefined {
  return parametersOf(type).get(name);
}

/** The plan of a type; undefined for an unknown one. */
export function typeTable(type: string): TypeTable | undefined {
  return isResourceType(type) ? searchTable.types[type] : undefined;
}

function parametersOf(type: string): ReadonlyMap<string, SearchParameter> {
  const known = byType.get(type);
  if (known) return known;
  const table = typeTable(type);
  if (!table) return NONE;
  const common = searchTable.types.Resource?.parameters ?? [];
  const all = [...KEPT_FOR_ALL, ...[...common, ...table.parameters].map(parameterOf)];
  const parameters = new Map(all.map((parameter) => [parameter.name, parameter]));
  byType.set(type, parameters);
  return parameters;
}

function parameterOf(row: ParameterRow): SearchParameter {
  return {
    name: row.name,
    type: row.type,
    url: CANONICAL_BASE + row.id,
    description: row.description,
    expression: row.expression,
    index: row.index ?? [row.name],
    target: row.target ?? [],
    components: row.components ?? [],
    multiple: row.multiple ?? false,
  };
}
