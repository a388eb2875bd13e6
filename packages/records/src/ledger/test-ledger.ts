import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fetch, type KeySigner, type Policy, parsePolicy, storageSource, TileReader } from '@meridian/ledger';
import type { Pool } from 'pg';
import { EVENT_KIND } from '../events/event.ts';
import { sealEvents, writeEvents } from '../events/outbox.ts';
import { openRootKey, type RootKey } from '../keys/root-key.ts';
import type { Database } from '../postgres/database.ts';
import type { ViewContext } from '../store.ts';
import { openStoreParts, type StoreParts } from '../store-parts.ts';
import { testDatabase } from '../testing/database.ts';
import { EVERYTHING } from '../visibility.ts';
import { Writer } from '../writer.ts';
import { readCheckpoint } from './checkpoints.ts';
import { type LogKeys, openLogKeys } from './log-keys.ts';
import { PostgresLog } from './postgres-log.ts';
import { Sequencer, type SequencerOptions } from './sequencer.ts';

/** Helpers for the tests of this folder; not part of the public face. */

export const context: ViewContext = {
  actor: 'Practitioner/tester',
  purpose: 'TREAT',
  requestId: 'test',
  visibility: EVERYTHING,
};

export const NO_WITNESSES: Policy = parsePolicy('quorum none\n');

/** Fast enough for tests. */
export const TIMING = { election: 20, refused: 50, witnessing: 20, patience: 2000 };

/** No network: nothing of these tests may reach one unless it says how. */
export const noFetch: Fetch = async () => {
  throw new Error('no network in this test');
};

/** A store with its log, on a database of its own. */
export interface TestLedger {
  database: Database;
  folder: string;
  pool: Pool;
  parts: StoreParts;
  writer: Writer;
  rootKey: RootKey;
  logKeys: LogKeys;
  /** A sequencer that is not started. */
  sequencer(options?: Partial<SequencerOptions>): Sequencer;
  /** `count` views of `patients` patients in turn, in the outbox when it resolves. */
  addViews(count: number, patients: number): Promise<void>;
  /** Resolves when nothing is left in the outbox. */
  drained(): Promise<void>;
  /** Head of the stored log, and a reader that checks what it reads against it. */
  reader(): Promise<TileReader>;
  close(): Promise<void>;
}

/** @param database a database that exists already, such as one that was restored */
export async function testLedger(given?: { database: Database; folder: string }): Promise<TestLedger> {
  const database = given?.database ?? (await testDatabase());
  const folder = given?.folder ?? mkdtempSync(join(tmpdir(), 'meridian-ledger-'));
  const keyFolder = join(folder, 'keys');
  const rootKey = openRootKey(`file:${join(keyFolder, 'root.key')}`, keyFolder, {});
  const pool = database.pool({ size: 4 });
  const sequencerPool = database.pool({ size: 3, statementTimeout: 0 });
  let clock = Date.UTC(2026, 0, 1);
  const now = (): number => clock++;
  const parts = await openStoreParts({
    pool,
    sidePool: database.pool({ size: 2 }),
    rootKey,
    baseUrl: 'http://localhost:8080/fhir',
    now,
  });
  const logKeys = openLogKeys({
    rootKey,
    keyFolder,
    host: 'records.example',
    mustExist: false,
    clock: () => 1_767_225_600,
  });
  return {
    database,
    folder,
    pool,
    parts,
    writer: new Writer({ ...parts, tell: () => undefined }),
    rootKey,
    logKeys,
    sequencer: (options = {}) =>
      new Sequencer({
        keys: parts.keys,
        ...logKeys,
        most: 5000,
        pool: sequencerPool,
        readPool: pool,
        interval: 5,
        policy: NO_WITNESSES,
        fetch: noFetch,
        known: [],
        timing: TIMING,
        ...options,
      }),
    addViews: (count, patients) => addViews(parts, count, patients, now),
    drained: () => until(async () => (await pool.query('SELECT FROM ledger_outbox LIMIT 1')).rows.length === 0),
    reader: () => readerOf(pool),
    async close() {
      await database.close();
      if (!given) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until something holds; gives up after twenty seconds. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('what the test waits for did not come');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The keys that check what these signers sign. */
export function keysOfSigners(signers: readonly KeySigner[]) {
  return signers.map(({ key }) => key);
}

async function addViews(parts: StoreParts, count: number, patients: number, now: () => number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => ({
    patient: BigInt((i % patients) + 1),
    content: { kind: EVENT_KIND.viewed, at: now(), context, subjects: [`Patient/${(i % patients) + 1}/_history/1`] },
  }));
  await writeEvents(parts.pool, await sealEvents(parts.keys, events));
}

async function readerOf(pool: Pool): Promise<TileReader> {
  const signed = await readCheckpoint(pool, 'signed');
  if (!signed) throw new Error('the log has no checkpoint yet');
  return TileReader.open(storageSource(new PostgresLog(pool)), signed.checkpoint);
}
