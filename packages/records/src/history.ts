import type { Pool } from 'pg';
import type { Cursors } from './cursor.ts';
import { EVENT_KIND } from './events/event.ts';
import type { Ids } from './ids.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { DEFAULT_PAGE, LARGEST_PAGE } from './search/engine.ts';
import { int8Array } from './sql/binary-array.ts';
import { prepared, run } from './sql/run.ts';
import type { HistoryPage, HistoryRequest, ViewContext } from './store.ts';
import { type LabelledRow, labelledColumns, labelledHistoryColumns, openRows } from './stored-row.ts';
import { ALL_TYPE_NUMBERS, typeNumber } from './types.ts';
import type { Views } from './views.ts';
import type { Judge, SeenVersion } from './visibility/judge.ts';
import { patientsOf } from './visibility/patients-of.ts';
import type { Rule } from './visibility.ts';

/** Versions of one resource, newest first, after a version. */
const OF_RESOURCE = prepared(/* sql */ `
  WITH owner AS (SELECT COALESCE((SELECT l.patient FROM locator l WHERE l.rid = $2), $1::int8) AS patient),
  all_versions AS (
    SELECT ${labelledColumns('r')} FROM resource r WHERE r.patient = (SELECT patient FROM owner) AND r.rid = $2
    UNION ALL
    SELECT ${labelledHistoryColumns('h')} FROM resource_history h WHERE h.patient = (SELECT patient FROM owner) AND h.rid = $2
  )
  SELECT * FROM all_versions
   WHERE updated >= $3 AND updated <= $4 AND version < $5
   ORDER BY version DESC LIMIT $6`);

/** Versions of types, newest change first, after a position; each type walks its own index. */
const OF_TYPES = prepared(/* sql */ `
  SELECT v.* FROM unnest($1::int2[]) AS t(type)
   CROSS JOIN LATERAL (
     (SELECT ${labelledColumns('r')} FROM resource r
       WHERE r.type = t.type AND ($8::int8[] IS NULL OR r.patient = ANY ($8)) AND r.updated >= $2 AND r.updated <= $3 AND (r.updated, r.rid, r.version) < ($4, $5, $6)
       ORDER BY r.updated DESC, r.rid DESC LIMIT $7)
     UNION ALL
     (SELECT ${labelledHistoryColumns('h')} FROM resource_history h
       WHERE h.type = t.type AND ($8::int8[] IS NULL OR h.patient = ANY ($8)) AND h.updated >= $2 AND h.updated <= $3 AND (h.updated, h.rid, h.version) < ($4, $5, $6)
       ORDER BY h.updated DESC, h.rid DESC, h.version DESC LIMIT $7)
   ) AS v
   ORDER BY v.updated DESC, v.rid DESC, v.version DESC LIMIT $7`);

/** What was current in types at a time: no version that came after it was there yet. */
const OF_TYPES_AT = prepared(/* sql */ `
  SELECT v.* FROM unnest($1::int2[]) AS t(type)
   CROSS JOIN LATERAL (
     (SELECT ${labelledColumns('r')} FROM resource r
       WHERE r.type = t.type AND ($8::int8[] IS NULL OR r.patient = ANY ($8)) AND r.updated >= $2 AND r.updated <= $3 AND (r.updated, r.rid, r.version) < ($4, $5, $6)
       ORDER BY r.updated DESC, r.rid DESC LIMIT $7)
     UNION ALL
     (SELECT ${labelledHistoryColumns('h')} FROM resource_history h
       WHERE h.type = t.type AND ($8::int8[] IS NULL OR h.patient = ANY ($8)) AND h.updated >= $2 AND h.updated <= $3 AND (h.updated, h.rid, h.version) < ($4, $5, $6)
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
  judge: Judge;
}

/** Most rows looked at for one page: beyond it a page is given out short, and the next one goes on from there. */
const MOST_LOOKED_AT = 20_000;

/** History at three levels: of one resource, of a type, of everything. Each page is on record as seen. */
export async function readHistory(
  parts: HistoryParts,
  request: HistoryRequest,
  context: ViewContext,
): Promise<HistoryPage> {
  const limit = Math.min(request.count ?? DEFAULT_PAGE, LARGEST_PAGE);
  const about = JSON.stringify(['history', request.type, request.id, request.since, request.at]);
  const cursor = request.cursor === undefined ? undefined : parts.cursors.open(about, request.cursor);
  const { seen, next, refused } = await walk(parts, request, cursor && placeOf(cursor), limit, context);
  await parts.views.record(EVENT_KIND.viewed, seen, context);
  if (refused === 'nothing') await parts.views.nothing();
  else if (refused) await parts.views.recordRefused([refused], context);
  const page = { versions: seen.map((version) => version.stored) };
  return next ? { ...page, next: parts.cursors.seal(about, [next.updated, next.rid, next.version]) } : page;
}

interface Place {
  updated: bigint;
  rid: bigint;
  version: number;
}

interface Walked {
  seen: SeenVersion[];
  /** After which the next page begins; undefined: there is nothing more to see. */
  next: Place | undefined;
  /** Of one resource: all that was found of it is hidden, or there is nothing to be hidden. */
  refused: SeenVersion | 'nothing' | undefined;
}

/** Goes on past what is hidden until the page is full, so that a page's length tells nothing about it. */
async function walk(
  parts: HistoryParts,
  request: HistoryRequest,
  from: Place | undefined,
  limit: number,
  context: ViewContext,
): Promise<Walked> {
  const { type, id } = request;
  const single = type !== undefined && id !== undefined ? { type, id } : undefined;
  let rule = single ? undefined : await context.visibility.ruleFor({ types: type === undefined ? [] : [type] });
  const seen: SeenVersion[] = [];
  let first: SeenVersion | undefined;
  let place = from ?? LAST;
  let looked = 0;
  for (let most = limit + 1; ; most = LARGEST_PAGE) {
    const rows = await fetchRows(parts, request, place, most, rule);
    const opened = await openRows(parts.keys, rows);
    first ??= opened[0];
    rule ??= await parts.judge.ruleForName(single as { type: string; id: string }, first, context);
    seen.push(...(await parts.judge.byRule(rule, opened)));
    looked += rows.length;
    const last = rows.at(-1);
    const beyond = seen.length > limit ? seen[limit - 1] : undefined;
    if (beyond) return { seen: seen.slice(0, limit), next: placeIn(beyond), refused: undefined };
    if (!last || rows.length < most || (single && request.at !== undefined)) {
      const hidden = single && seen.length === 0 && from === undefined && rule.kind !== 'always';
      return { seen, next: undefined, refused: hidden ? (first ?? 'nothing') : undefined };
    }
    place = { updated: last.updated, rid: last.rid, version: last.version };
    if (looked >= MOST_LOOKED_AT) return { seen, next: place, refused: undefined };
  }
}

function placeOf(cursor: readonly string[]): Place {
  return { updated: BigInt(cursor[0] ?? 0), rid: BigInt(cursor[1] ?? 0), version: Number(cursor[2]) };
}

function placeIn({ rid, stored }: SeenVersion): Place {
  return { updated: BigInt(stored.lastUpdated), rid, version: stored.version };
}

function fetchRows(
  parts: HistoryParts,
  request: HistoryRequest,
  after: Place,
  limit: number,
  rule: Rule | undefined,
): Promise<LabelledRow[]> {
  const since = BigInt(Math.trunc(request.since ?? 0));
  const until = request.at === undefined ? LAST.updated : BigInt(Math.trunc(request.at));
  if (request.type !== undefined && request.id !== undefined) {
    const { type, id } = request;
    const name = [parts.ids.hint(type, id), parts.ids.rid(type, id)];
    // `_at` asks for what was current then: the newest version up to that time
    const most = request.at === undefined ? limit : 1;
    return run<LabelledRow>(parts.pool, OF_RESOURCE, [...name, since, until, after.version, most]);
  }
  const types = request.type === undefined ? ALL_TYPE_NUMBERS : [typeNumber(request.type)];
  const statement = request.at === undefined ? OF_TYPES : OF_TYPES_AT;
  const patients = rule && patientsOf(rule);
  const position = [after.updated, after.rid, after.version];
  const values = [types, since, until, ...position, limit, patients ? int8Array(patients) : null];
  return run<LabelledRow>(parts.pool, statement, values);
}
