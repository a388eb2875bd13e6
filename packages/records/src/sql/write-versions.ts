import type { KeyObject } from 'node:crypto';
import { CHANGES, WATCHED_NUMBERS } from '../changes/watched.ts';
import type { SealedEvent } from '../events/outbox.ts';
import type { PreparedVersion } from '../prepare.ts';
import { recordPlace, seal } from '../sealing/seal.ts';
import { byteaArray, charArray, float8Array, int2Array, int4Array, int8Array } from './binary-array.ts';
import { type Database, prepared, run, type Statement } from './run.ts';

/** A version with the key of its bucket and the event that records it. */
export interface WritableVersion {
  prepared: PreparedVersion;
  key: KeyObject;
  event: SealedEvent;
}

const INPUT = /* sql */ `
  input AS MATERIALIZED (
    SELECT * FROM unnest(
      $1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int4[], $7::int4[], $8::int2[], $9::"char"[],
      $10::bytea[], $11::int8[], $12::int4[], $13::int4[], $14::int4[], $15::int4[],
      $16::int8[], $17::int4[], $18::int2[], $19::bytea[], $23::int8[], $24::int4[]
    ) AS i(patient, rid, updated, date_low, date_high, version, bucket, type, method, body, hint,
           tokens_from, tokens_to, numbers_from, numbers_to, event, event_bucket, kind, sealed_event, present, labels)
  )`;

const NEW_COLUMNS = /* sql */ `
  patient, rid, updated, date_low, date_high, present, version, bucket, type, method,
  ($20::int8[])[tokens_from:tokens_to],
  NULLIF(($21::int8[])[numbers_from:numbers_to], '{}'),
  NULLIF(($22::float8[])[numbers_from:numbers_to], '{}'),
  body, labels`;

/**
 * An id that needs the locator is written only by whoever entered it there first, and only if the record is not where the
 * id itself points to: else one name would stand for two records. (A scalar subquery stays a lookup by primary key,
 * where NOT EXISTS might become a walk over the table.)
 */
const CREATED = /* sql */ `
  located AS (
    INSERT INTO locator SELECT rid, patient FROM input WHERE version = 1 AND hint IS NOT NULL
       AND (SELECT true FROM resource o WHERE o.patient = input.hint AND o.rid = input.rid) IS NULL
    ON CONFLICT DO NOTHING RETURNING rid
  ),
  created AS (
    INSERT INTO resource SELECT ${NEW_COLUMNS} FROM input
     WHERE version = 1 AND (hint IS NULL OR rid IN (SELECT rid FROM located))
    ON CONFLICT DO NOTHING RETURNING patient, rid
  )`;

/** Rows are locked in one order everywhere, so that two batches cannot wait for each other. */
const UPDATED = /* sql */ `
  superseded AS (
    SELECT r.patient, r.rid, r.updated, r.version, r.bucket, r.type, r.method, r.body
      FROM input i JOIN resource r ON r.patient = i.patient AND r.rid = i.rid AND r.version = i.version - 1
     WHERE i.version > 1
     ORDER BY r.patient, r.rid
       FOR UPDATE OF r
  ),
  kept AS (INSERT INTO resource_history SELECT * FROM superseded),
  updated AS (
    UPDATE resource r SET (updated, date_low, date_high, present, version, bucket, type, method, tokens, keys, numbers, body, labels) =
      ROW (i.updated, i.date_low, i.date_high, i.present, i.version, i.bucket, i.type, i.method,
           ($20::int8[])[i.tokens_from:i.tokens_to],
           NULLIF(($21::int8[])[i.numbers_from:i.numbers_to], '{}'),
           NULLIF(($22::float8[])[i.numbers_from:i.numbers_to], '{}'),
           i.body, i.labels)
      FROM input i JOIN superseded s ON s.patient = i.patient AND s.rid = i.rid
     WHERE r.patient = i.patient AND r.rid = i.rid
    RETURNING r.patient, r.rid
  )`;

/** The event of a version is written if, and only if, the version is: one statement, one transaction. */
const EVENTS = /* sql */ `
  events AS (
    INSERT INTO ledger_outbox (event, patient, rid, version, bucket, kind, sealed)
    SELECT event, patient, rid, version, event_bucket, kind, sealed_event
      FROM input JOIN done USING (patient, rid)
  )
  SELECT patient, rid FROM done`;

/**
 * The same, and tells other processes (see changes/change-feed.ts): the notification is sent with the commit. It holds
 * the numbers of type and patient only, which stand in the clear in `resource` too.
 */
const EVENTS_AND_NEWS = /* sql */ `
  events AS (
    INSERT INTO ledger_outbox (event, patient, rid, version, bucket, kind, sealed)
    SELECT event, patient, rid, version, event_bucket, kind, sealed_event
      FROM input JOIN done USING (patient, rid)
  )
  SELECT patient, rid,
         CASE WHEN type = ANY ($25::int2[]) THEN pg_notify('${CHANGES}', type || ' ' || patient)::text END AS told
    FROM input JOIN done USING (patient, rid)`;

const CREATE: Statement = prepared(`WITH ${INPUT}, ${CREATED}, done AS (SELECT * FROM created), ${EVENTS}`);
const CREATE_OR_UPDATE: Statement = prepared(
  `WITH ${INPUT}, ${CREATED}, ${UPDATED},
   done AS (SELECT * FROM created UNION ALL SELECT * FROM updated), ${EVENTS}`,
);
const CREATE_AND_TELL: Statement = prepared(
  `WITH ${INPUT}, ${CREATED}, done AS (SELECT * FROM created), ${EVENTS_AND_NEWS}`,
);
const CREATE_OR_UPDATE_AND_TELL: Statement = prepared(
  `WITH ${INPUT}, ${CREATED}, ${UPDATED},
   done AS (SELECT * FROM created UNION ALL SELECT * FROM updated), ${EVENTS_AND_NEWS}`,
);

/**
 * Writes versions with their events in one statement. A version 1 is inserted where nothing stands, a version n over
 * version n - 1; whatever finds another state is left out.
 *
 * @param versions at most one for each resource
 * @returns for each version whether it was written
 */
export async function writeVersions(database: Database, versions: readonly WritableVersion[]): Promise<boolean[]> {
  const fresh = versions.every((version) => version.prepared.stored.version === 1);
  const watched = versions.some((version) => WATCHED_NUMBERS.has(version.prepared.type));
  const values = parameters(versions);
  if (watched) values.push(int2Array([...WATCHED_NUMBERS]));
  const quiet = fresh ? CREATE : CREATE_OR_UPDATE;
  const telling = fresh ? CREATE_AND_TELL : CREATE_OR_UPDATE_AND_TELL;
  const rows = await run<{ patient: bigint; rid: bigint }>(database, watched ? telling : quiet, values);
  const written = new Set(rows.map((row) => row.rid));
  return versions.map(({ prepared }) => written.has(prepared.rid));
}

function parameters(versions: readonly WritableVersion[]): unknown[] {
  const records = versions.map((version) => version.prepared);
  const tokens = slices(records.map((record) => record.columns.tokens));
  const numbers = slices(records.map((record) => record.columns.keys));
  return [
    int8Array(records.map((record) => record.patient)),
    int8Array(records.map((record) => record.rid)),
    int8Array(records.map((record) => BigInt(record.stored.lastUpdated))),
    int8Array(records.map((record) => record.columns.dateLow)),
    int8Array(records.map((record) => record.columns.dateHigh)),
    int4Array(records.map((record) => record.stored.version)),
    int4Array(records.map((record) => record.bucket)),
    int2Array(records.map((record) => record.type)),
    charArray(records.map((record) => METHOD[record.stored.method])),
    byteaArray(versions.map(sealedBody)),
    int8Array(records.map((record) => record.hint)),
    int4Array(tokens.from),
    int4Array(tokens.to),
    int4Array(numbers.from),
    int4Array(numbers.to),
    int8Array(versions.map((version) => version.event.event)),
    int4Array(versions.map((version) => version.event.bucket)),
    int2Array(versions.map((version) => version.event.kind)),
    byteaArray(versions.map((version) => version.event.sealed)),
    int8Array(joined(records.map((record) => record.columns.tokens))),
    int8Array(joined(records.map((record) => record.columns.keys))),
    float8Array(records.flatMap((record) => [...record.columns.numbers])),
    int8Array(records.map((record) => record.columns.present)),
    int4Array(records.map((record) => record.labels)),
  ];
}

/** One letter a method in `resource.method`. */
export const METHOD = { POST: 'C', PUT: 'U', PATCH: 'P', DELETE: 'D' } as const;
/** Back from the letter. */
export const METHOD_OF_LETTER: Readonly<Record<string, keyof typeof METHOD>> = {
  C: 'POST',
  U: 'PUT',
  P: 'PATCH',
  D: 'DELETE',
};

function sealedBody({ prepared, key }: WritableVersion): Buffer {
  const { type, rid, stored, bucket, patient, packed } = prepared;
  return seal(key, packed, recordPlace(type, rid, stored.version, bucket, patient));
}

/** One-based bounds of each list within their concatenation, as SQL array slices want them. */
function slices(lists: readonly BigInt64Array[]): { from: number[]; to: number[] } {
  const from: number[] = [];
  const to: number[] = [];
  let end = 0;
  for (const list of lists) {
    from.push(end + 1);
    end += list.length;
    to.push(end);
  }
  return { from, to };
}

function joined(lists: readonly BigInt64Array[]): BigInt64Array {
  const all = new BigInt64Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}
