import type { Prefix } from '@meridian/fhir';
import { FUTURE, PAST } from '../tokens/columns.ts';
import type { SqlText } from './sql-text.ts';

/** A search value with the range that its digits imply. */
export interface NumberRange {
  prefix: Prefix;
  value: number;
  low: number;
  high: number;
}

/**
 * Condition on one stored number `v` (FHIR R4, Search §3.1.1.4.3: ranges for equality, the bare value for order). For
 * `ap` the range comes widened already (see `parseSearch`).
 */
export function numberCondition(sql: SqlText, range: NumberRange, v: string): string {
  const at = (value: number): string => sql.value(value, 'float8');
  switch (range.prefix) {
    case 'eq':
      return `${v} >= ${at(range.low)} AND ${v} < ${at(range.high)}`;
    case 'ne':
      return `${v} < ${at(range.low)} OR ${v} >= ${at(range.high)}`;
    case 'gt':
    case 'sa':
      return `${v} > ${at(range.value)}`;
    case 'lt':
    case 'eb':
      return `${v} < ${at(range.value)}`;
    case 'ge':
      return `${v} >= ${at(range.value)}`;
    case 'le':
      return `${v} <= ${at(range.value)}`;
    case 'ap':
      return `${v} >= ${at(range.low)} AND ${v} <= ${at(range.high)}`;
  }
}

/** A search date as the half-open range of its precision, epoch milliseconds. */
export interface DateRange {
  prefix: Prefix;
  low: number;
  high: number;
}

/**
 * Condition on a stored period [l, h) against the searched [low, high) (FHIR R4, Search §3.1.1.4.5): `eq` wants the
 * stored period inside the searched one; the others compare borders. For `ap` the range comes widened already (see
 * `parseSearch`). `type` is the SQL type of `l` and `h`.
 */
export function dateCondition(sql: SqlText, range: DateRange, l: string, h: string, type: 'int8' | 'float8'): string {
  const at = (time: number): string => sql.value(type === 'int8' ? wholeMilliseconds(time) : time, type);
  const inside = (): string => `${l} >= ${at(range.low)} AND ${h} <= ${at(range.high)}`;
  switch (range.prefix) {
    case 'eq':
      return inside();
    case 'ne':
      return `NOT (${inside()})`;
    case 'gt':
      return `${h} > ${at(range.high)}`;
    case 'lt':
      return `${l} < ${at(range.low)}`;
    case 'ge':
      return `${h} > ${at(range.high)} OR (${inside()})`;
    case 'le':
      return `${l} < ${at(range.low)} OR (${inside()})`;
    case 'sa':
      return `${l} >= ${at(range.high)}`;
    case 'eb':
      return `${h} <= ${at(range.low)}`;
    case 'ap':
      return `${h} > ${at(range.low)} AND ${l} < ${at(range.high)}`;
  }
}

function wholeMilliseconds(time: number): bigint {
  if (time === Number.NEGATIVE_INFINITY) return PAST;
  if (time === Number.POSITIVE_INFINITY) return FUTURE;
  return BigInt(Math.trunc(time));
}
