import type { SearchQuery, SortKey } from '@meridian/fhir';
import { principalDateKey } from '../tokens/principal-date.ts';
import type { SqlText } from './sql-text.ts';

/** An order that the database can walk by index: one column, then the rid in the direction that the index has. */
export interface SqlOrder {
  column: 'date_low' | 'updated';
  descending: boolean;
  ridDescending: boolean;
}

/**
 * The order of a search, or undefined where it must be made in memory because the values are sealed (names, codes, ids).
 *
 * Without `_sort`: within one patient's record by date, otherwise by time of change; newest first.
 */
export function sqlOrder(query: SearchQuery, scoped: boolean): SqlOrder | undefined {
  const [key, second] = query.sort;
  if (!key) return scoped && query.types.length === 1 ? byDate(true) : byChange(true);
  if (second) return undefined;
  if (key.by === '_lastUpdated') return byChange(key.descending);
  return isPrincipalDate(key, query.types) ? byDate(key.descending) : undefined;
}

function isPrincipalDate(key: SortKey, types: readonly string[]): boolean {
  if (key.by !== 'parameter') return false;
  const { index } = key.parameter;
  return index.length === 1 && types.every((type) => principalDateKey(type) === index[0]);
}

// the rid follows in the direction of the index's columns, so that one walk gives both
function byDate(descending: boolean): SqlOrder {
  return { column: 'date_low', descending, ridDescending: !descending };
}

function byChange(descending: boolean): SqlOrder {
  return { column: 'updated', descending, ridDescending: descending };
}

/** Where a page ended. */
export interface Position {
  value: bigint;
  rid: bigint;
}

/** The position that a cursor holds. */
export function positionOf(cursor: readonly string[]): Position {
  return { value: BigInt(cursor[0] ?? 0), rid: BigInt(cursor[1] ?? 0) };
}

export function orderBy(order: SqlOrder, alias: string): string {
  return `${alias}.${order.column} ${order.descending ? 'DESC' : 'ASC'}, ${alias}.rid ${order.ridDescending ? 'DESC' : 'ASC'}`;
}

/** What comes after a position. */
export function afterCondition(sql: SqlText, order: SqlOrder, position: Position, alias: string): string {
  const column = `${alias}.${order.column}`;
  const value = sql.value(position.value, 'int8');
  const rid = sql.value(position.rid, 'int8');
  const [beyond, ridBeyond] = [order.descending ? '<' : '>', order.ridDescending ? '<' : '>'];
  // the first comparison alone bounds the index walk
  return `${column} ${beyond}= ${value} AND (${column} ${beyond} ${value} OR ${alias}.rid ${ridBeyond} ${rid})`;
}
