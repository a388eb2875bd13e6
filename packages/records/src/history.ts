import type { Pool } from 'pg';
import type { Cursors } from './cursor.ts';
import { EVENT_KIND } from './events/event.ts';
import type { Ids } from './ids.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { DEFAULT_PAGE, LARGEST_PAGE } from './search/engine.ts';
import { prepared, run } from './sql/run.ts';
import type { Context, HistoryPage, HistoryRequest } from './store.ts';
import { openRows, type StoredRow, storedColumns } from './stored-row.ts';
import { ALL_TYPE_NUMBERS, typeNumber } from './types.ts';
import type { Views } from './views.ts';

/** Versions of one resource, newest first, after a version. */
const OF_RESOURCE = prepared(/* sql */ `
  WITH owner AS (SELECT COALESCE((SELECT l.patient FROM locator l WHERE l.rid = $2), $1::int8) AS patient),
  all_versions AS (
    SELECT ${storedColumns('r')} FROM resource r WHERE r.patient = (SELECT patient FROM owner) AND r.rid = $2
    UNION ALL
    SELECT ${storedColumns('h')} FROM resource_history h WHERE h.patient = (SELECT patient FROM owner) AND h.rid = $2
  )
  SELECT * FROM all_versions
   WHERE updated >= $3 AND updated <= $4 AND version < $5
   ORDER BY version DESC LIMIT $6`);

/** Versions of types, newest change first, after a position; each type walks its own index. */
const OF_TYPES = prepared(/* sql */ `
  SELECT v.* FROM unnest($1::int2[]) AS t(type)
   CROSS JOIN LATERAL (
     (SELECT ${storedColumns('r')} FROM resource r
       WHERE r.type = t.type AND r.updated >= $2 AND r.updated <= $3 AND (r.updated, r.rid, r.version) < ($4, $5, $6)
       ORDER BY r.updated DESC, r.rid DESC LIMIT $7)
     UNION ALL
     (SELECT ${storedColumns('h')} FROM resource_history h
       WHERE h.type = t.type AND h.updated >= $2 AND h.updated <= $3 AND (h.updated, h.rid, h.version) < ($4, $5, $6)
       ORDER BY h.updated DESC, h.rid DESC, h.version DESC LIMIT $7)
   ) AS v
   ORDER BY v.updated DESC, v.rid DESC, v.version DESC LIMIT $7`);

/** What was current in types at a time: no version that came after it was there yet. */
const OF_TYPES_AT = prepared(/* sql */ `
  SELECT v.* FROM unnest($1::int2[]) AS t(type)
   CROSS JOIN LATERAL (
     (SELECT ${storedColumns('r')} FROM resource r
       WHERE r.type = t.type AND r.updated >= $2 AND r.updated <= $3 AND (r.updated, r.rid, r.version) < ($4, $5, $6)
       ORDER BY r.updated DESC, r.rid DESC LIMIT $7)
     UNION ALL
     (SELECT ${storedColumns('h')} FROM resource_history h
       WHERE h.type = t.type AND h.updated >= $2 AND h.updated <= $3 AND (h.updated, h.rid, h.version) < ($4, $5, $6)
         AND NOT EXISTS (
           SELECT FROM resource_history n
            WHERE n.patient = h.patient AND n.rid = h.rid AND n.version = h.version + 1 AND n.updated <= $3)
         AND NOT EXISTS (
           SELECT FROM resource n
            WHERE n.patient = h.patient AND n.rid = h.rid AND n.version = h.version + 1 AND n.updated <= $3)
       ORDER BY h.updated DESC, h.rid DESC, h.version DESC LIMIT $7)
   ) AS v
   ORDER BY v.updated DESC, v.rid DESC, v.version DESC LIMIT $7`);

const LAST = { updated: 2n ** 62n, rid: 2n ** 63n - 1n, version: 2 ** 31 - 1 };

export interface HistoryParts {
  pool: Pool;
  ids: Ids;
  keys: KeyRing;
  cursors: Cursors;
  views: Views;
}

/** History at three levels: of one resource, of a type, of everything. Each page is on record as seen. */
export async function readHistory(
  parts: HistoryParts,
  request: HistoryRequest,
  context: Context,
): Promise<HistoryPage> {
  const limit = Math.min(request.count ?? DEFAULT_PAGE, LARGEST_PAGE);
  const about = JSON.stringify(['history', request.type, request.id, request.since, request.at]);
  const cursor = request.cursor === undefined ? undefined : parts.cursors.open(about, request.cursor);
  const rows = await fetchRows(parts, request, cursor, limit + 1);
  const shown = rows.slice(0, limit);
  const opened = await openRows(parts.keys, shown);
  await parts.views.record(EVENT_KIND.viewed, opened, context);
  const last = shown.at(-1);
  const page = { versions: opened.map((version) => version.stored) };
  if (rows.length <= limit || !last) return page;
  return { ...page, next: parts.cursors.seal(about, [last.updated, last.rid, last.version]) };
}

function fetchRows(
  parts: HistoryParts,
  request: HistoryRequest,
  cursor: readonly string[] | undefined,
  limit: number,
): Promise<StoredRow[]> {
  const since = BigInt(Math.trunc(request.since ?? 0));
  const until = request.at === undefined ? LAST.updated : BigInt(Math.trunc(request.at));
  const after = cursor
    ? { updated: BigInt(cursor[0] ?? 0), rid: BigInt(cursor[1] ?? 0), version: Number(cursor[2]) }
    : LAST;
  if (request.type !== undefined && request.id !== undefined) {
    const { type, id } = request;
    const name = [parts.ids.hint(type, id), parts.ids.rid(type, id)];
    // `_at` asks for what was current then: the newest version up to that time
    const most = request.at === undefined ? limit : 1;
    return run<StoredRow>(parts.pool, OF_RESOURCE, [...name, since, until, after.version, most]);
  }
  const types = request.type === undefined ? ALL_TYPE_NUMBERS : [typeNumber(request.type)];
  const statement = request.at === undefined ? OF_TYPES : OF_TYPES_AT;
  return run<StoredRow>(parts.pool, statement, [types, since, until, after.updated, after.rid, after.version, limit]);
}
