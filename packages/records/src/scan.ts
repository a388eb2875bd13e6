import type { Pool } from 'pg';
import type { Cursors } from './cursor.ts';
import { EVENT_KIND } from './events/event.ts';
import type { Ids } from './ids.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { isLive } from './search/filters.ts';
import { and, SqlText } from './search/sql-text.ts';
import { int8Array } from './sql/binary-array.ts';
import { prepared, run } from './sql/run.ts';
import type { ScanRequest, StoredVersion, ViewContext } from './store.ts';
import { type LabelledRow, labelledColumns, openRows } from './stored-row.ts';
import type { TokenNames } from './tokens/token-names.ts';
import { typeNumber } from './types.ts';
import type { Views } from './views.ts';
import { compileRule } from './visibility/compile-rule.ts';
import type { Judge } from './visibility/judge.ts';
import type { Rule } from './visibility.ts';

/** Rows in one batch: what a scan holds in memory. */
const BATCH = 500;

export interface ScanParts {
  pool: Pool;
  ids: Ids;
  names: TokenNames;
  keys: KeyRing;
  cursors: Cursors;
  views: Views;
  judge: Judge;
}

/**
 * Walks a type by time of change, in batches; each is on record as exported before it is given out. What may be seen is
 * asked anew for each batch: a consent that is withdrawn takes effect in the middle of an export.
 */
export async function* scan(
  parts: ScanParts,
  request: ScanRequest,
  context: ViewContext,
): AsyncGenerator<{ versions: StoredVersion[]; cursor: string }> {
  const about = JSON.stringify(['scan', request.type, request.patients, request.since]);
  const start = request.cursor === undefined ? undefined : parts.cursors.open(about, request.cursor);
  let updated = BigInt(start?.[0] ?? 0);
  let rid = BigInt(start?.[1] ?? -(2n ** 63n));
  const patients = request.patients?.map((id) => parts.ids.patient(id));
  const [only, another] = patients ?? [];
  const scope = { types: [request.type], ...(only !== undefined && another === undefined && { patient: only }) };
  for (;;) {
    const rule = await context.visibility.ruleFor(scope);
    const rows = await nextRows(parts, request, patients, { updated, rid }, rule);
    const last = rows.at(-1);
    if (!last) return;
    ({ updated, rid } = last);
    const seen = await parts.judge.byRule(rule, await openRows(parts.keys, rows));
    await parts.views.record(EVENT_KIND.exported, seen, context);
    yield { versions: seen.map((version) => version.stored), cursor: parts.cursors.seal(about, [updated, rid]) };
  }
}

function nextRows(
  parts: ScanParts,
  request: ScanRequest,
  patients: readonly bigint[] | undefined,
  after: { updated: bigint; rid: bigint },
  rule: Rule,
): Promise<LabelledRow[]> {
  const sql = new SqlText();
  const since = sql.value(BigInt(Math.trunc(request.since ?? 0)), 'int8');
  const conditions = [
    `r.type = ${sql.value(typeNumber(request.type), 'int2')}`,
    isLive('r'),
    `r.updated >= ${since}`,
    `(r.updated, r.rid) > (${sql.value(after.updated, 'int8')}, ${sql.value(after.rid, 'int8')})`,
  ];
  if (patients) conditions.push(`r.patient = ANY (${sql.value(int8Array(patients), 'int8[]')})`);
  const visible = compileRule({ ...parts, sql, scoped: true }, rule, 'r', [request.type]);
  if (visible !== undefined) conditions.push(visible);
  const text = `SELECT ${labelledColumns('r')} FROM resource r WHERE ${and(conditions)} ORDER BY r.updated, r.rid LIMIT ${BATCH}`;
  return run<LabelledRow>(parts.pool, visible === undefined ? prepared(text) : { text }, sql.values);
}
