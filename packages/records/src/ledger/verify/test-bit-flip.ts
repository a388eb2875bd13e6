import type { Pool } from 'pg';

/** Flips one bit of one row and puts it back; for the tests of verification. */
export interface BitFlip {
  table: string;
  column: string;
  /** Undoes it. */
  restore(): Promise<void>;
}

/** Tables whose rows the log must vouch for. */
const TABLES = [
  'resource',
  'resource_history',
  'locator',
  'ledger_event',
  'ledger_subject',
  'ledger_tile',
  'ledger_state',
  'ledger_checkpoint',
  'ledger_anchor',
  'ledger_outbox',
] as const;

/** Where an event waits in the outbox says nothing yet: its place in the log is the one it is given there. */
const NOT_CLAIMED = ['ledger_outbox.seq'];

/** How to flip bit `n` of a value of each type, in SQL; `$` stands for the value. */
const FLIPS: Readonly<Record<string, { bits: (length: number) => number; sql: string }>> = {
  bigint: { bits: () => 64, sql: '$ # (1::int8 << BIT)' },
  integer: { bits: () => 32, sql: '$ # (1::int4 << BIT)' },
  smallint: { bits: () => 16, sql: '$ # (1::int2 << BIT)' },
  boolean: { bits: () => 1, sql: 'NOT ($)' },
  '"char"': { bits: () => 7, sql: '($::int4 # (1 << BIT))::"char"' },
  bytea: { bits: (length) => length * 8, sql: 'set_bit($, BIT, 1 - get_bit($, BIT))' },
  text: {
    bits: (length) => length * 8,
    sql: `convert_from(set_bit(convert_to($, 'UTF8'), BIT, 1 - get_bit(convert_to($, 'UTF8'), BIT)), 'UTF8')`,
  },
};

interface Target {
  table: string;
  column: string;
  type: string;
}

/** Every column whose bits can be flipped; of an array, its first element. */
export async function flippable(pool: Pool): Promise<Target[]> {
  const { rows } = await pool.query<Target>(
    `SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, NULL) AS type
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relname = ANY ($1) ORDER BY 1, a.attnum`,
    [TABLES],
  );
  return rows.filter(({ table, column }) => !NOT_CLAIMED.includes(`${table}.${column}`));
}

/**
 * Flips a random bit of a random row's column, chosen by `random` (0 to below 1). Undefined where the column is null there,
 * or the database does not let such a value in.
 */
export async function flipBit(pool: Pool, target: Target, random: () => number): Promise<BitFlip | undefined> {
  const { table, column } = target;
  const isArray = target.type.endsWith('[]');
  const type = target.type.replace('[]', '');
  const value = isArray ? `${column}[1]` : column;
  const { rows } = await pool.query<{ part: string; place: string; length: number }>(
    `SELECT tableoid::regclass::text AS part, ctid::text AS place, octet_length(${value}::text) AS length
       FROM ${table} WHERE ${value} IS NOT NULL ORDER BY ctid`,
  );
  const row = rows[Math.floor(random() * rows.length)];
  if (!row) return undefined;
  if (type === 'double precision') return flipDouble(pool, target, row.part, row.place, random);
  const how = FLIPS[type];
  if (!how) throw new Error(`no way to flip a bit of ${type}`);
  const length = type === 'bytea' ? (row.length - 2) / 2 : row.length;
  if (length === 0) return undefined;
  const bit = Math.floor(random() * how.bits(length));
  const flipped = how.sql.replaceAll('$', value).replaceAll('BIT', String(bit));
  const flip = async (part: string, place: string): Promise<{ part: string; place: string } | undefined> => {
    const sql = `UPDATE ${table} SET ${value} = ${flipped}
                  WHERE tableoid = '${part}'::regclass AND ctid = '${place}'::tid
                  RETURNING tableoid::regclass::text AS part, ctid::text AS place`;
    return (await pool.query<{ part: string; place: string }>(sql).catch(() => undefined))?.rows[0];
  };
  const moved = await flip(row.part, row.place);
  return moved && { table, column, restore: async () => void (await flip(moved.part, moved.place)) };
}

async function flipDouble(
  pool: Pool,
  { table, column }: Target,
  part: string,
  place: string,
  random: () => number,
): Promise<BitFlip> {
  const at = (where: string): string => `tableoid = '${part}'::regclass AND ctid = '${where}'::tid`;
  const { rows } = await pool.query<{ before: number }>(
    `SELECT ${column}[1] AS before FROM ${table} WHERE ${at(place)}`,
  );
  const before = rows[0]?.before ?? 0;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, before);
  view.setBigUint64(0, view.getBigUint64(0) ^ (1n << BigInt(Math.floor(random() * 64))));
  const write = async (where: string, value: number): Promise<string> => {
    const sql = `UPDATE ${table} SET ${column}[1] = $1 WHERE ${at(where)} RETURNING ctid::text AS place`;
    return (await pool.query<{ place: string }>(sql, [String(value)])).rows[0]?.place ?? '';
  };
  // String(-0) is 0
  const after = view.getFloat64(0);
  const moved = Object.is(after, -0) ? await write(place, Number.MIN_VALUE) : await write(place, after);
  return { table, column, restore: async () => void (await write(moved, before)) };
}
