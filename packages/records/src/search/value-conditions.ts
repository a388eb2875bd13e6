import { type FilterValue, resourceTypes, type SearchParameter, type ValueFilter } from '@meridian/fhir';
import { int8Array } from '../sql/binary-array.ts';
import { conjuncts, isConjunction } from '../tokens/composite.ts';
import { presentBit } from '../tokens/present.ts';
import { principalDateKey } from '../tokens/principal-date.ts';
import {
  ANY_UNIT,
  DATE_LOW,
  gramsToFind,
  isUncommon,
  LONG,
  prefixToFind,
  type TokenNames,
  textPrefixesToFind,
  uriAncestors,
} from '../tokens/token-names.ts';
import { typeNumber } from '../types.ts';
import { isIndexed, isNarrowed } from './exactness.ts';
import { dateCondition, numberCondition } from './ranges.ts';
import { and, or, type SqlText } from './sql-text.ts';

/** What conditions are made with. */
export interface ConditionParts {
  sql: SqlText;
  names: TokenNames;
  /**
   * The search walks one patient's rows: conditions on tokens are then written so that the planner cannot turn to the
   * index over everybody's tokens instead.
   */
  scoped: boolean;
}

/** What it takes to fulfil one value: any of these tokens, all of these tokens, or a condition in SQL. */
type Clause = { any: bigint[] } | { all: bigint[] } | { sql: string };

/** A condition in SQL on the row `alias`, whose resource is of one of `types`. */
export function valueCondition(
  parts: ConditionParts,
  filter: ValueFilter,
  alias: string,
  types: readonly string[],
): string {
  const clauses = types.flatMap((type) =>
    filter.values
      .flatMap((value): Clause[] =>
        value.kind === 'missing'
          ? [{ sql: missingCondition(parts, filter.parameter, value.missing, alias, type) }]
          : filter.parameter.index.flatMap((key) => clausesOf(parts, value, alias, type, key)),
      )
      .map((clause) => (types.length > 1 ? ofType(clause, alias, type) : clause)),
  );
  const condition = tokensOr(parts, clauses, alias);
  return filter.negated ? `NOT (${condition})` : condition;
}

/** Tokens name their type; other columns mean something else in each type. */
function ofType(clause: Clause, alias: string, type: string): Clause {
  return 'sql' in clause ? { sql: `${alias}.type = ${typeNumber(type)} AND (${clause.sql})` } : clause;
}

/** Alternatives that are single tokens share one array; PostgreSQL answers it with one index scan. */
function tokensOr(parts: ConditionParts, clauses: readonly Clause[], alias: string): string {
  const any = clauses.flatMap((clause) =>
    'any' in clause ? clause.any : 'all' in clause && clause.all.length === 1 ? clause.all : [],
  );
  const others = clauses.flatMap((clause) => {
    if ('sql' in clause) return [clause.sql];
    if ('all' in clause && clause.all.length !== 1) return [tokenCondition(parts, clause.all, '@>', alias)];
    return [];
  });
  return or([...(any.length > 0 ? [tokenCondition(parts, any, '&&', alias)] : []), ...others]);
}

function tokenCondition(
  parts: ConditionParts,
  tokens: readonly bigint[],
  operator: '@>' | '&&',
  alias: string,
): string {
  return unindexed(parts, `${alias}.tokens ${operator} ${parts.sql.value(int8Array(tokens), 'int8[]')}`);
}

/** Within one patient's rows a condition on tokens is only checked, never looked up. */
function unindexed(parts: ConditionParts, condition: string): string {
  return parts.scoped ? `(${condition}) IS TRUE` : condition;
}

function clausesOf(parts: ConditionParts, value: FilterValue, alias: string, type: string, key: string): Clause[] {
  const { names, sql } = parts;
  switch (value.kind) {
    case 'missing':
      return [];
    case 'token':
      return [codeClause(parts, value, alias, type, key)];
    case 'token-text':
      return [{ sql: textCondition(parts, value.text, alias, type, key) }];
    case 'of-type':
      return [{ any: [names.ofType(type, key, value.system, value.code, value.value)] }];
    case 'string':
      return [stringClause(parts, alias, type, key, value)];
    case 'reference':
      return [{ any: targetsOf(value).map((target) => names.reference(type, key, target, value.id)) }];
    case 'reference-url':
      return [{ any: [names.uri(type, key, value.url)] }];
    case 'reference-identifier':
      return [codeClause(parts, codeOf(value), alias, type, `${key}:identifier`)];
    case 'uri':
      return [{ any: tokensOfUri(names, type, key, value) }];
    case 'number':
      return [
        { sql: anyNumber(parts, alias, names.numberKey(type, key, ANY_UNIT), (v) => numberCondition(sql, value, v)) },
      ];
    case 'quantity':
      return [{ sql: quantityCondition(parts, alias, type, key, value) }];
    case 'date':
      return [{ sql: datesCondition(parts, alias, type, key, value) }];
    case 'composite':
      return compositeClauses(parts, value, alias, type, key);
  }
}

/** Codes that many share are found by code or system alone through the dictionary (see code-aliases.ts). */
function codeClause(
  parts: ConditionParts,
  value: { system?: string | null; code?: string },
  alias: string,
  type: string,
  key: string,
): Clause {
  const { names, sql } = parts;
  if (isUncommon(key)) {
    if (value.code === undefined) return { any: [names.system(type, key, value.system ?? '')] };
    if (value.system !== undefined) return { any: [names.identifier(type, key, value.system ?? '', value.code)] };
    const systems = `FROM code_alias a WHERE a.alias = ${sql.value(names.systems(type, key), 'int8')}`;
    const tokens = `ARRAY(SELECT a.token # ${sql.value(names.code(type, key, value.code), 'int8')} ${systems})`;
    return { sql: unindexed(parts, `${alias}.tokens && ${tokens}`) };
  }
  const [token = 0n] = tokensOfCode(names, type, key, value);
  const exact = value.code !== undefined && value.system !== undefined;
  return exact ? { any: [token] } : { sql: aliasCondition(parts, token, alias) };
}

function aliasCondition(parts: ConditionParts, word: bigint, alias: string): string {
  const known = `ARRAY(SELECT a.token FROM code_alias a WHERE a.alias = ${parts.sql.value(word, 'int8')})`;
  return unindexed(parts, `${alias}.tokens && ${known}`);
}

function codeOf(value: { system?: string | null; value: string }): { system?: string | null; code: string } {
  return { code: value.value, ...(value.system !== undefined && { system: value.system }) };
}

function tokensOfCode(
  names: TokenNames,
  type: string,
  key: string,
  value: { system?: string | null; code?: string },
): bigint[] {
  if (value.code === undefined) return [names.system(type, key, value.system ?? '')];
  if (value.system === undefined) return [names.code(type, key, value.code)];
  return [names.systemCode(type, key, value.system ?? '', value.code)];
}

function tokensOfUri(names: TokenNames, type: string, key: string, value: FilterValue & { kind: 'uri' }): bigint[] {
  if (value.match === 'exact') return [names.uri(type, key, value.value)];
  // above: the record holds one of the searched URI's own parents
  if (value.match === 'above') return uriAncestors(value.value).map((uri) => names.uri(type, key, uri));
  const level = value.value.endsWith('/') ? value.value : `${value.value}/`;
  return [names.uri(type, key, value.value), names.uriBelow(type, key, level)];
}

/** A bare id may be that of any type that the parameter points to; some parameters point to anything. */
function targetsOf(value: FilterValue & { kind: 'reference' }): readonly string[] {
  return value.types.length > 0 ? value.types : resourceTypes();
}

/** What consists of punctuation only folds to nothing, and finds nothing. */
function stringClause(
  parts: ConditionParts,
  alias: string,
  type: string,
  key: string,
  value: FilterValue & { kind: 'string' },
): Clause {
  const { names } = parts;
  if (value.match === 'exact') return { any: [names.exact(type, key, value.value)] };
  if (value.match === 'starts') {
    const prefix = prefixToFind(value.value);
    return { any: prefix === '' ? [] : [names.prefix(type, key, prefix)] };
  }
  const grams = gramsToFind(value.value).map((gram) => names.gram(type, key, gram));
  const long = names.gram(type, key, LONG);
  if (grams.length <= 1) return { any: grams.length === 0 ? [] : [...grams, long] };
  return { sql: or([tokenCondition(parts, grams, '@>', alias), tokenCondition(parts, [long], '&&', alias)]) };
}

/** Every word begins a word of the text: of the display of a code (through the dictionary) or of the record's own. */
function textCondition(parts: ConditionParts, text: string, alias: string, type: string, key: string): string {
  const begins = (word: string): string => {
    const token = parts.names.textWord(type, key, word);
    return or([aliasCondition(parts, token, alias), tokenCondition(parts, [token], '&&', alias)]);
  };
  const words = textPrefixesToFind(text);
  return words.length === 0 ? 'false' : or([and(words.map(begins)), begins(LONG)]);
}

function quantityCondition(
  parts: ConditionParts,
  alias: string,
  type: string,
  key: string,
  value: FilterValue & { kind: 'quantity' },
): string {
  const { names, sql } = parts;
  if (value.canonical) {
    const unit = names.numberKey(type, key, `ucum ${value.canonical.code}`);
    const range = { prefix: value.prefix, ...value.canonical };
    return anyNumber(parts, alias, unit, (v) => numberCondition(sql, range, v));
  }
  return anyNumber(parts, alias, names.numberKey(type, key, ANY_UNIT), (v) => numberCondition(sql, value, v));
}

/** Some number with this key fulfils the condition. */
function anyNumber(parts: ConditionParts, alias: string, key: bigint, condition: (v: string) => string): string {
  const wanted = parts.sql.value(key, 'int8');
  return `EXISTS (SELECT FROM unnest(${alias}.keys, ${alias}.numbers) AS n(k, v) WHERE n.k = ${wanted} AND (${condition('n.v')}))`;
}

function datesCondition(
  parts: ConditionParts,
  alias: string,
  type: string,
  key: string,
  value: FilterValue & { kind: 'date' },
): string {
  if (key === principalDateKey(type)) {
    const condition = dateCondition(parts.sql, value, `${alias}.date_low`, `${alias}.date_high`, 'int8');
    return `${alias}.date_high IS NOT NULL AND (${condition})`;
  }
  const low = parts.sql.value(parts.names.numberKey(type, key, DATE_LOW), 'int8');
  // the two ends of a period follow each other in the arrays (see tokenize)
  const condition = dateCondition(parts.sql, value, `${alias}.numbers[i]`, `${alias}.numbers[i + 1]`, 'float8');
  return `EXISTS (SELECT FROM generate_subscripts(${alias}.keys, 1) AS i WHERE ${alias}.keys[i] = ${low} AND (${condition}))`;
}

function missingCondition(
  parts: ConditionParts,
  parameter: SearchParameter,
  missing: boolean,
  alias: string,
  type: string,
): string {
  // where only some of the values count, presence says nothing about absence
  if (missing && isNarrowed(parameter)) return 'true';
  const bits = parameter.index.reduce((sum, key) => sum | presentBit(type, key), 0n);
  return `${alias}.present & ${parts.sql.value(bits, 'int8')} ${missing ? '=' : '<>'} 0`;
}

/** See `tokenize`: heads are hashed together; a number or date at the end stands under their joint key. */
function compositeClauses(
  parts: ConditionParts,
  value: FilterValue & { kind: 'composite' },
  alias: string,
  type: string,
  key: string,
): Clause[] {
  if (isConjunction(type, key)) return [{ sql: and(conjunctConditions(parts, value, alias, type, key)) }];
  if (!isIndexed(value)) {
    return [{ sql: `${alias}.present & ${parts.sql.value(presentBit(type, key), 'int8')} <> 0` }];
  }
  const tail = value.components.at(-1);
  const heads = value.components.slice(0, -1).map((component) => componentTokens(parts.names, component, type, key));
  if (!tail) return [];
  const joint = heads.reduce<bigint[][]>(
    (made, list) => made.flatMap((head) => list.map((part) => [...head, part])),
    [[]],
  );
  return joint.flatMap((head) => {
    const jointKey = `${key} ${head.join(' ')}`;
    if (tail.kind === 'number' || tail.kind === 'quantity' || tail.kind === 'date') {
      return clausesOf(parts, tail, alias, type, jointKey);
    }
    return [
      {
        any: componentTokens(parts.names, tail, type, key).map((part) => parts.names.pair(type, key, [...head, part])),
      },
    ];
  });
}

function conjunctConditions(
  parts: ConditionParts,
  value: FilterValue & { kind: 'composite' },
  alias: string,
  type: string,
  key: string,
): string[] {
  return conjuncts(type, key).map((parameter, i) => {
    const component = value.components[i];
    return component
      ? valueCondition(parts, { kind: 'value', parameter, negated: false, values: [component] }, alias, [type])
      : 'false';
  });
}

function componentTokens(names: TokenNames, value: FilterValue, type: string, key: string): bigint[] {
  switch (value.kind) {
    case 'token':
      return tokensOfCode(names, type, key, value);
    case 'reference':
      return targetsOf(value).map((target) => names.reference(type, key, target, value.id));
    case 'uri':
      return [names.uri(type, key, value.value)];
    case 'string':
      return [names.prefix(type, key, prefixToFind(value.value))];
    default:
      return [];
  }
}
