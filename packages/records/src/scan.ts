import type { Pool } from 'pg';
import type { Cursors } from './cursor.ts';
import { EVENT_KIND } from './events/event.ts';
import type { Ids } from './ids.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { int8Array } from './sql/binary-array.ts';
import { prepared, run } from './sql/run.ts';
import type { Context, ScanRequest, StoredVersion } from './store.ts';
import { openRows, type StoredRow, storedColumns } from './stored-row.ts';
import { typeNumber } from './types.ts';
import type { Views } from './views.ts';

/** Rows in one batch: what a scan holds in memory. */
const BATCH = 500;

const OF_TYPE = prepared(/* sql */ `
  SELECT ${storedColumns('r')} FROM resource r
   WHERE r.type = $1 AND r.method <> 'D' AND r.updated >= $2 AND (r.updated, r.rid) > ($3, $4)
   ORDER BY r.updated, r.rid LIMIT ${BATCH}`);

const OF_PATIENTS = prepared(/* sql */ `
  SELECT ${storedColumns('r')} FROM resource r
   WHERE r.patient = ANY ($5::int8[]) AND r.type = $1 AND r.method <> 'D' AND r.updated >= $2
     AND (r.updated, r.rid) > ($3, $4)
   ORDER BY r.updated, r.rid LIMIT ${BATCH}`);

export interface ScanParts {
  pool: Pool;
  ids: Ids;
  keys: KeyRing;
  cursors: Cursors;
  views: Views;
}

/** Walks a type by time of change, in batches; each is on record as exported before it is given out. */
export async function* scan(
  parts: ScanParts,
  request: ScanRequest,
  context: Context,
): AsyncGenerator<{ versions: StoredVersion[]; cursor: string }> {
  const about = JSON.stringify(['scan', request.type, request.patients, request.since]);
  const start = request.cursor === undefined ? undefined : parts.cursors.open(about, request.cursor);
  let updated = BigInt(start?.[0] ?? 0);
  let rid = BigInt(start?.[1] ?? -(2n ** 63n));
  const patients = request.patients?.map((id) => parts.ids.patient(id));
  for (;;) {
    const values = [typeNumber(request.type), BigInt(Math.trunc(request.since ?? 0)), updated, rid];
    const rows = patients
      ? await run<StoredRow>(parts.pool, OF_PATIENTS, [...values, int8Array(patients)])
      : await run<StoredRow>(parts.pool, OF_TYPE, values);
    const last = rows.at(-1);
    if (!last) return;
    ({ updated, rid } = last);
    const opened = await openRows(parts.keys, rows);
    await parts.views.record(EVENT_KIND.exported, opened, context);
    yield { versions: opened.map((version) => version.stored), cursor: parts.cursors.seal(about, [updated, rid]) };
  }
}
