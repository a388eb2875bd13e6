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

/** How far `ap` reaches: ten per cent of the value (FHIR R4, Search §3.1.1.4.3). */
const APPROXIMATELY = 0.1;

/** Condition on one stored number `v` (FHIR R4, Search §3.1.1.4.3: ranges for equality, the bare value for order). */
export function numberCondition(sql: SqlText, range: NumberRange, v: string): string {
  const at = (value: number): string => sql.value(value, 'float8');
  switch (range.prefix) {
    case 'eq':
      return `${v} >= ${at(range.low)} AND ${v} < ${at(range.high)}`;
    case 'ne':
      return `${v} < ${at(range.low)} OR ${v} >= ${at(range.high)}`;
    case 'gt':
      return `${v} > ${at(range.value)}`;
    case 'sa':
      return `${v} >= ${at(range.high)}`;
    case 'lt':
      return `${v} < ${at(range.value)}`;
    case 'eb':
      return `${v} < ${at(range.low)}`;
    case 'ge':
      return `${v} >= ${at(range.low)}`;
    case 'le':
      return `${v} < ${at(range.high)}`;
    case 'ap': {
      const reach = Math.abs(range.value) * APPROXIMATELY;
      return `${v} >= ${at(range.low - reach)} AND ${v} < ${at(range.high + reach)}`;
    }
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
 * stored period inside the searched one; the others compare borders. `type` is the SQL type of `l` and `h`.
 */
export function dateCondition(
  sql: SqlText,
  range: DateRange,
  l: string,
  h: string,
  type: 'int8' | 'float8',
  now: number,
): string {
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
    case 'ap': {
      const reach = Math.abs(now - range.low) * APPROXIMATELY;
      return `${h} > ${at(range.low - reach)} AND ${l} < ${at(range.high + reach)}`;
    }
  }
}

function wholeMilliseconds(time: number): bigint {
  if (time === Number.NEGATIVE_INFINITY) return PAST;
  if (time === Number.POSITIVE_INFINITY) return FUTURE;
  return BigInt(Math.trunc(time));
}
