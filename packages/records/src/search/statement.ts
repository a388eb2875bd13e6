import { inPatientCompartment, type SearchQuery } from '@meridian/fhir';
import { StoreError } from '../errors.ts';
import type { Ids } from '../ids.ts';
import { prepared, type Statement } from '../sql/run.ts';
import { labelledColumns } from '../stored-row.ts';
import { principalCodeKey } from '../tokens/principal-code.ts';
import type { TokenNames } from '../tokens/token-names.ts';
import { ALL_TYPE_NUMBERS, typeNumber } from '../types.ts';
import { compileRule } from '../visibility/compile-rule.ts';
import { allConditions, isSelective, patientScope } from './filters.ts';
import { afterCondition, orderBy, positionOf, type SqlOrder, sqlOrder } from './order.ts';
import { ALL_SIGHT, type Sight } from './sight.ts';
import { SqlText } from './sql-text.ts';

/** Longest statement text that is worth preparing under a name; longer ones are one of a kind. */
const LONGEST_PREPARED = 4000;

export interface StatementParts {
  ids: Ids;
  names: TokenNames;
}

/** A statement with its parameters. */
export interface BoundStatement {
  statement: Statement;
  values: unknown[];
}

/** How a search is carried out. */
interface Plan {
  sql: SqlText;
  /** Conditions after WHERE on the alias `r`. */
  where: string;
  scoped: boolean;
  /** Few rows pass: they are found by token first and put in order afterwards. */
  selective: boolean;
  /** Placeholder of the token of the one principal code asked for within one patient's record. */
  code: string | undefined;
}

function plan(parts: StatementParts, query: SearchQuery, sight: Sight): Plan {
  const patientId = patientScope(query.filters, query.types);
  const scoped = patientId !== undefined;
  const selective = !scoped && isSelective(query.filters);
  const sql = new SqlText(selective);
  const ofType = typeCondition(sql, query.types);
  // what few resources pass is looked up by token alone: the planner, left free, would also walk all of the type
  const conditions = [selective ? `(${ofType}) IS TRUE` : ofType];
  if (scoped) conditions.push(`r.patient = ${sql.value(parts.ids.patient(patientId), 'int8')}`);
  else if (query.types.length > 0 && !query.types.some(inPatientCompartment)) conditions.push('r.patient = 0');
  const ruled = { ...parts, sql, scoped };
  const visible = compileRule(ruled, sight.found, 'r', query.types);
  if (visible !== undefined) conditions.push(`(${visible})`);
  const seen = (alias: string, types: readonly string[]) => compileRule(ruled, sight.passed, alias, types);
  conditions.push(allConditions({ ...ruled, seen }, query.filters, 'r', query.types));
  const code = scoped ? principalCode(parts.names, query) : undefined;
  return {
    sql,
    where: conditions.join(' AND '),
    scoped,
    selective,
    code: code === undefined ? undefined : sql.value(code, 'int8'),
  };
}

/** The token of the principal code, where the search asks for exactly one with its system. */
function principalCode(names: TokenNames, query: SearchQuery): bigint | undefined {
  const [type] = query.types;
  if (type === undefined || query.types.length > 1) return undefined;
  const key = principalCodeKey(type);
  for (const filter of query.filters) {
    if (filter.kind !== 'value' || filter.negated || filter.values.length !== 1) continue;
    if (filter.parameter.index.length !== 1 || filter.parameter.index[0] !== key) continue;
    const [value] = filter.values;
    if (key === undefined || value?.kind !== 'token' || value.code === undefined || value.system === undefined)
      continue;
    return names.systemCode(type, key, value.system ?? '', value.code);
  }
  return undefined;
}

function typeCondition(sql: SqlText, types: readonly string[]): string {
  const [first] = types;
  if (first !== undefined && types.length === 1) return `r.type = ${sql.value(typeNumber(first), 'int2')}`;
  const numbers = types.length === 0 ? ALL_TYPE_NUMBERS : types.map(typeNumber);
  return `r.type = ANY (${sql.value(numbers, 'int2[]')})`;
}

/** The page of a search in an order that the database walks. `undefined` where the order must be made in memory. */
export function pageStatement(
  parts: StatementParts,
  query: SearchQuery,
  sight: Sight,
  limit: number,
  cursor: readonly string[] | undefined,
): { bound: BoundStatement; order: SqlOrder } | undefined {
  const made = plan(parts, query, sight);
  const order = sqlOrder(query, made.scoped);
  if (!order) return undefined;
  const where = cursor ? `${made.where} AND ${afterCondition(made.sql, order, positionOf(cursor), 'r')}` : made.where;
  return { bound: bind(made.sql, selectRows(made, where, order, limit), isReusable(made)), order };
}

/** Up to `limit` matches in no particular order. */
export function anyStatement(parts: StatementParts, query: SearchQuery, sight: Sight, limit: number): BoundStatement {
  const made = plan(parts, query, sight);
  const text = `SELECT r.date_low, ${labelledColumns('r')} FROM resource r WHERE ${made.where} LIMIT ${limit}`;
  return bind(made.sql, text, isReusable(made));
}

/** How many match. */
export function countStatement(parts: StatementParts, query: SearchQuery, sight: Sight): BoundStatement {
  const made = plan(parts, query, sight);
  return bind(made.sql, `SELECT count(*) AS count FROM resource r WHERE ${made.where}`, isReusable(made));
}

/** The different patients among the matches. */
export function patientsStatement(parts: StatementParts, query: SearchQuery, limit: number): BoundStatement {
  const made = plan(parts, query, ALL_SIGHT);
  const text = `SELECT DISTINCT r.patient FROM resource r WHERE ${made.where} AND r.patient <> 0 LIMIT ${limit}`;
  return bind(made.sql, text, isReusable(made));
}

function selectRows(made: Plan, where: string, order: SqlOrder, limit: number): string {
  const columns = `r.date_low, ${labelledColumns('r')}`;
  if (made.code !== undefined && order.column === 'date_low') {
    // each branch walks the index by code in order of date: records with just this code, and those with several codes
    const branch = (code: string): string =>
      `(SELECT ${columns} FROM resource r WHERE r.tokens[1] = ${code} AND ${where} ORDER BY ${orderBy(order, 'r')} LIMIT ${limit})`;
    return `SELECT * FROM (${branch(made.code)} UNION ALL ${branch('0')}) AS r ORDER BY ${orderBy(order, 'r')} LIMIT ${limit}`;
  }
  if (!made.selective) {
    return `SELECT ${columns} FROM resource r WHERE ${where} ORDER BY ${orderBy(order, 'r')} LIMIT ${limit}`;
  }
  // a LIMIT in sight would tempt the planner to walk everything in order until enough has passed
  return `
    WITH hit AS MATERIALIZED (SELECT r.patient, r.rid, r.date_low, r.updated FROM resource r WHERE ${where})
    SELECT ${columns} FROM (SELECT * FROM hit ORDER BY ${orderBy(order, 'hit')} LIMIT ${limit}) AS page
      JOIN resource r ON r.patient = page.patient AND r.rid = page.rid
     ORDER BY ${orderBy(order, 'r')}`;
}

/**
 * Scoped and selective searches are prepared: their plan does not depend on the values. The others are planned each
 * time, with PostgreSQL's statistics of how common the tokens are.
 */
function isReusable(made: Plan): boolean {
  return made.scoped || made.selective;
}

/** @param reusable worth preparing under a name, unless the text is too long to be sent often */
export function bind(sql: SqlText, text: string, reusable: boolean): BoundStatement {
  if (sql.values.length > 60_000) {
    throw new StoreError('too-costly', 400, 'The search has too many values; split it.');
  }
  return { statement: reusable && text.length <= LONGEST_PREPARED ? prepared(text) : { text }, values: sql.values };
}
