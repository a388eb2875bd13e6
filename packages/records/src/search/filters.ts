import {
  type ChainFilter,
  type CompartmentFilter,
  type Filter,
  type HasFilter,
  type IdFilter,
  isSinglePatient,
  type LastUpdatedFilter,
} from '@meridian/fhir';
import type { Ids } from '../ids.ts';
import { int8Array } from '../sql/binary-array.ts';
import { typeNumber } from '../types.ts';
import { dateCondition } from './ranges.ts';
import { and, or } from './sql-text.ts';
import { type ConditionParts, valueCondition } from './value-conditions.ts';

export interface FilterParts extends ConditionParts {
  ids: Ids;
  /**
   * Condition for rows that chains and `_has` look at: without it a search would tell what hidden resources hold.
   * Undefined where all of them may be looked at.
   */
  seen?: (alias: string, types: readonly string[]) => string | undefined;
}

/** The condition of one filter on the row `alias`, whose resource is of one of `types`. */
export function filterCondition(parts: FilterParts, filter: Filter, alias: string, types: readonly string[]): string {
  switch (filter.kind) {
    case 'value':
      return valueCondition(parts, filter, alias, types);
    case 'chain':
      return chainCondition(parts, filter, alias, types);
    case 'has':
      return hasCondition(parts, filter, alias, types);
    case 'id':
      return idCondition(parts, filter, alias, types);
    case 'lastUpdated':
      return lastUpdatedCondition(parts, filter, alias);
    case 'compartment':
      return compartmentCondition(parts, filter, alias, types);
    case 'never':
      return 'false';
  }
}

/** Deleted resources keep a row, which no search may find. */
export function isLive(alias: string): string {
  return `${alias}.method <> 'D'`;
}

/**
 * Some target fulfils the next filter: the tokens of references to all such targets are computed from their rids. Where
 * the reference is the one that decides whose record this is, the patients' numbers do it, by the primary key.
 */
function chainCondition(parts: FilterParts, filter: ChainFilter, alias: string, types: readonly string[]): string {
  const each = filter.targets.map((target, i) => {
    const inner = `${alias}${i}t`;
    const next = filter.next[i];
    const condition = next ? filterCondition(parts, next, inner, [target]) : 'false';
    const from = `FROM resource ${inner} WHERE ${inner}.type = ${parts.sql.value(typeNumber(target), 'int2')} AND ${isLive(inner)}${andSeen(parts, inner, target)} AND (${condition})`;
    if (target === 'Patient' && types.every((type) => isSinglePatient(type, filter.parameter))) {
      const patients = `${alias}.patient = ANY (ARRAY(SELECT ${inner}.rid ${from}))`;
      return and([patients, chainTokens(parts, filter, alias, types, inner, from)]);
    }
    return chainTokens(parts, filter, alias, types, inner, from);
  });
  return or(each);
}

function andSeen(parts: FilterParts, alias: string, type: string): string {
  const condition = parts.seen?.(alias, [type]);
  return condition === undefined ? '' : ` AND (${condition})`;
}

function chainTokens(
  parts: FilterParts,
  filter: ChainFilter,
  alias: string,
  types: readonly string[],
  inner: string,
  from: string,
): string {
  const tokens = types.flatMap((type) =>
    filter.parameter.index.map((key) => {
      const salt = parts.sql.value(parts.names.referenceSalt(type, key), 'int8');
      return `${alias}.tokens && ARRAY(SELECT ${inner}.rid # ${salt} ${from})`;
    }),
  );
  return or(tokens);
}

/** Some resource of the other type points here and fulfils the next filter. */
function hasCondition(parts: FilterParts, filter: HasFilter, alias: string, types: readonly string[]): string {
  const inner = `${alias}h`;
  const condition = filterCondition(parts, filter.next, inner, [filter.type]);
  const from = `FROM resource ${inner} WHERE ${inner}.type = ${parts.sql.value(typeNumber(filter.type), 'int2')} AND ${isLive(inner)}${andSeen(parts, inner, filter.type)} AND (${condition})`;
  const points = filter.parameter.index.map((key) => {
    const salt = parts.sql.value(parts.names.referenceSalt(filter.type, key), 'int8');
    return `${inner}.tokens @> ARRAY[${alias}.rid # ${salt}]`;
  });
  // what points to a Patient by its deciding reference is in that Patient's record; what points elsewhere may not be
  const ofPatient = types.every((type) => type === 'Patient') && isSinglePatient(filter.type, filter.parameter);
  const scope = ofPatient ? ` AND ${inner}.patient = ${alias}.patient` : '';
  return `EXISTS (SELECT ${from}${scope} AND (${or(points)}))`;
}

function idCondition(parts: FilterParts, filter: IdFilter, alias: string, types: readonly string[]): string {
  const names = types.flatMap((type) => filter.ids.map((id) => ({ type, id })));
  const hints = parts.sql.value(int8Array(names.map((name) => parts.ids.hint(name.type, name.id))), 'int8[]');
  const rids = parts.sql.value(int8Array(names.map((name) => parts.ids.rid(name.type, name.id))), 'int8[]');
  const condition = `(${alias}.patient, ${alias}.rid) IN (
    SELECT COALESCE(l.patient, i.hint), i.rid FROM unnest(${hints}, ${rids}) AS i(hint, rid) LEFT JOIN locator l USING (rid))`;
  return filter.negated ? `NOT (${condition})` : condition;
}

function lastUpdatedCondition(parts: FilterParts, filter: LastUpdatedFilter, alias: string): string {
  const [at, next] = [`${alias}.updated`, `${alias}.updated + 1`];
  return or(filter.values.map((value) => dateCondition(parts.sql, value, at, next, 'int8')));
}

function compartmentCondition(
  parts: FilterParts,
  filter: CompartmentFilter,
  alias: string,
  types: readonly string[],
): string {
  const each = types.map((type) => {
    const tokens = (filter.parameters[type] ?? []).flatMap((parameter) =>
      parameter.index.map((key) => parts.names.reference(type, key, filter.owner, filter.id)),
    );
    const own =
      filter.owner === type ? [`${alias}.rid = ${parts.sql.value(parts.ids.rid(type, filter.id), 'int8')}`] : [];
    const pointing =
      tokens.length > 0 ? [`${alias}.tokens && ${parts.sql.value(int8Array([...new Set(tokens)]), 'int8[]')}`] : [];
    return or([...own, ...pointing]);
  });
  return or(each);
}

/**
 * The one patient that a search is about, if one of its filters says so in a way that R4 makes exact
 * (`Observation?subject=Patient/1`): all that it can find is among the rows of that patient, which are then walked by
 * date or primary key, whatever the size of everything else. The filter itself still has to be checked on them.
 */
export function patientScope(filters: readonly Filter[], types: readonly string[]): string | undefined {
  for (const filter of filters) {
    if (filter.kind !== 'value' || filter.negated || filter.values.length !== 1) continue;
    const [value] = filter.values;
    if (value?.kind !== 'reference' || value.types.length !== 1 || value.types[0] !== 'Patient') continue;
    if (types.length > 0 && types.every((type) => isSinglePatient(type, filter.parameter))) return value.id;
  }
  return undefined;
}

/** Whether the conjunction contains a filter by which few resources pass: an identifier, a name, a reference. */
export function isSelective(filters: readonly Filter[]): boolean {
  return filters.some((filter) => {
    if (filter.kind === 'id' || filter.kind === 'chain' || filter.kind === 'compartment') return true;
    if (filter.kind !== 'value' || filter.negated) return false;
    return filter.values.every((value) => {
      if (value.kind === 'reference' || value.kind === 'reference-url' || value.kind === 'uri') return true;
      if (value.kind === 'string') return value.value.length >= 3 || !/^[\p{ASCII}]*$/u.test(value.value);
      return value.kind === 'token' && value.code !== undefined && filter.parameter.name === 'identifier';
    });
  });
}

/** All filters together, on live rows of the types. */
export function allConditions(
  parts: FilterParts,
  filters: readonly Filter[],
  alias: string,
  types: readonly string[],
): string {
  return and([isLive(alias), ...filters.map((filter) => filterCondition(parts, filter, alias, types))]);
}

/** The types that chains and `_has` look at. */
export function typesLookedAt(filters: readonly Filter[]): string[] {
  const types = filters.flatMap((filter): string[] => {
    if (filter.kind === 'chain') return [...filter.targets, ...typesLookedAt(filter.next)];
    return filter.kind === 'has' ? [filter.type, ...typesLookedAt([filter.next])] : [];
  });
  return [...new Set(types)];
}
