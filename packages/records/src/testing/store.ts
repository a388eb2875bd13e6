import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSearch, type Resource, type SearchQuery } from '@meridian/fhir';
import type { Pool } from 'pg';
import { openRootKey } from '../keys/root-key.ts';
import { readEvent } from '../ledger/read-event.ts';
import { openRecords, type Records } from '../open-records.ts';
import type { Database } from '../postgres/database.ts';
import type { PostgresStore } from '../postgres-store.ts';
import { eventPlace, open } from '../sealing/seal.ts';
import { prepared, run } from '../sql/run.ts';
import type { StoredVersion, ViewContext } from '../store.ts';
import { openStoreParts, type StoreParts } from '../store-parts.ts';
import { EVERYTHING } from '../visibility.ts';
import { testDatabase } from './database.ts';

export const BASE_URL = 'http://here.example/fhir';
export const context: ViewContext = {
  actor: 'Practitioner/tester',
  purpose: 'TREAT',
  requestId: 'test',
  visibility: EVERYTHING,
};

/** A store on a database and a data folder of its own. */
export interface TestStore {
  database: Database;
  records: Records;
  store: PostgresStore;
  /** For looking behind the store. */
  pool: Pool;
  folder: string;
  /** The parts of a second process on the same data: nothing is shared but database and key folder. */
  anotherProcess(): Promise<StoreParts>;
  close(): Promise<void>;
}

/** @param now epoch milliseconds; default a clock that moves by a millisecond each time it is read, from 2026 */
export async function testStore(now?: () => number): Promise<TestStore> {
  let clock = Date.UTC(2026, 0, 1);
  const time = now ?? (() => clock++);
  const database = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'meridian-records-'));
  const records = await openRecords({ database, dataFolder: folder, baseUrl: BASE_URL, now: time });
  const keys = join(folder, 'keys');
  return {
    database,
    records,
    store: records.store,
    pool: database.pool({ size: 2, name: 'looking behind' }),
    folder,
    anotherProcess: () =>
      openStoreParts({
        pool: database.pool({ size: 2 }),
        sidePool: database.pool({ size: 1 }),
        rootKey: openRootKey(`file:${join(keys, 'root.key')}`, keys, {}),
        baseUrl: BASE_URL,
        now: time,
      }),
    async close() {
      await records.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The resource in a version. */
export function bodyOf(version: StoredVersion | undefined): Resource {
  return JSON.parse(version?.json?.toString() ?? 'null') as Resource;
}

/** The query of `Type?name=value&…`. */
export function searchOf(search: string): SearchQuery {
  const [type = '', parameters] = search.split('?');
  return parseSearch([type], [...new URLSearchParams(parameters)], { handling: 'strict', baseUrl: BASE_URL });
}

/** An event of the outbox, opened. */
export interface OpenedEvent {
  patient: bigint;
  kind: number;
  rid: bigint | null;
  version: number | null;
  subjects: string[];
  actor: string;
  role: string | undefined;
  organization: string | undefined;
  basis: string | undefined;
  digest: Uint8Array | null;
}

interface EventRow {
  event: bigint;
  patient: bigint;
  bucket: number;
  kind: number;
  rid: bigint | null;
  version: number | null;
  sealed: Buffer;
}

const EVENTS = prepared(
  'SELECT event, patient, bucket, kind, rid, version, sealed FROM ledger_outbox WHERE seq > $1 ORDER BY seq',
);

/** The number of the newest event. */
export async function newestEvent(pool: Pool): Promise<bigint> {
  const [row] = await run<{ seq: bigint }>(
    pool,
    prepared('SELECT COALESCE(max(seq), 0) AS seq FROM ledger_outbox'),
    [],
  );
  return row?.seq ?? 0n;
}

/** The events after one, opened with their keys. */
export async function eventsAfter(pool: Pool, keys: StoreParts['keys'], seq: bigint): Promise<OpenedEvent[]> {
  const rows = await run<EventRow>(pool, EVENTS, [seq]);
  const ring = await keys.bucketKeys(rows);
  return rows.map((row, i) => {
    const key = ring[i];
    if (!key) throw new Error('an event has no key');
    const plain = open(key, row.sealed, eventPlace(row.event, row.kind, row.bucket, row.patient));
    const event = readEvent(plain);
    if (event?.kind !== row.kind) throw new Error('an event says another kind than its row');
    const { patient, rid, version } = row;
    return { ...event, patient, rid, version, subjects: [...event.subjects], digest: event.digest ?? null };
  });
}
