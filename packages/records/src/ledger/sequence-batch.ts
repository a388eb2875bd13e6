import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  appendToEdge,
  formatCheckpoint,
  formatLeaf,
  formatNote,
  type KeySigner,
  type LogAppend,
  type LogEdge,
  leafOf,
  signNote,
  treeHasher,
} from '@meridian/ledger';
import type { PoolClient } from 'pg';
import type { KeyRing } from '../keys/key-ring.ts';
import { byteaArray, int2Array, int8Array } from '../sql/binary-array.ts';
import { prepared, run } from '../sql/run.ts';
import { writeCheckpoint } from './checkpoints.ts';
import type { EventOpening, StoredEvent } from './event-opening.ts';
import { openEvents } from './open-events.ts';
import { PostgresLog } from './postgres-log.ts';

/** Where a batch can be interrupted, in the order in which it gets there. */
export const BATCH_STEPS = [
  'taken',
  'linked',
  'signed',
  'begun',
  'events-moved',
  'chains-moved',
  'tiles-written',
  'checkpoint-written',
  'committed',
] as const;

export type BatchStep = (typeof BATCH_STEPS)[number];

export interface BatchParts {
  keys: KeyRing;
  origin: string;
  signers: readonly KeySigner[];
  /** Events in one batch at most. */
  most: number;
  /** Called when a step is done; what it throws ends the batch there. */
  reached?: (step: BatchStep) => void | Promise<void>;
}

/** An event in the outbox. */
interface OutboxRow extends StoredEvent {
  seq: bigint;
}

/** The end of a patient's chain. */
interface Chain {
  events: number;
  /** Leaf hash of the last event; undefined where there is none. */
  last: Uint8Array | undefined;
}

/** What a batch adds to the log. */
interface LinkedBatch {
  leaves: Uint8Array[];
  /** Place of each event in its patient's chain. */
  sequences: bigint[];
  /** Whether each could not be opened. */
  replaced: boolean[];
  /** The chains that the batch made longer. */
  chains: ReadonlyMap<bigint, Chain>;
}

const TAKE = prepared(/* sql */ `
  SELECT seq, event, patient, rid, version, bucket, kind, sealed FROM ledger_outbox ORDER BY seq LIMIT $1`);

const CHAINS = prepared('SELECT patient, events, last FROM ledger_subject WHERE patient = ANY ($1::int8[])');

/** The sealed bytes stay in the database. An event that is no longer in the outbox is missing in the count. */
const MOVE_EVENTS = prepared(/* sql */ `
  WITH placed AS (
    SELECT i.seq, i.sequence, i.replaced = 1 AS replaced, $4::int8 + i.place - 1 AS leaf
      FROM unnest($1::int8[], $2::int8[], $3::int2[]) WITH ORDINALITY AS i(seq, sequence, replaced, place)
  ), moved AS (
    DELETE FROM ledger_outbox o USING placed p WHERE o.seq = p.seq
    RETURNING o.patient, p.sequence, p.leaf, o.event, o.rid, o.version, o.bucket, o.kind, p.replaced, o.sealed
  ), logged AS (
    INSERT INTO ledger_event (patient, sequence, leaf, event, rid, version, bucket, kind, replaced, sealed)
    SELECT * FROM moved ORDER BY leaf
    RETURNING 1
  )
  SELECT count(*)::int4 AS count FROM logged`);

const MOVE_CHAINS = prepared(/* sql */ `
  INSERT INTO ledger_subject (patient, events, last)
  SELECT * FROM unnest($1::int8[], $2::int8[], $3::bytea[])
  ON CONFLICT (patient) DO UPDATE SET events = excluded.events, last = excluded.last`);

/** Events between two turns of the event loop, so that requests of the same process do not wait for a whole batch. */
const CHUNK = 200;

/**
 * Moves what lies in the outbox into the log: numbers the leaves, links each patient's chain, grows the tiles, signs the
 * checkpoint; all of it in one transaction. Gives the new edge, or undefined where the outbox was empty.
 *
 * ## Why no crash hurts
 *
 * The outbox, the events, the chains, the tiles, the size and the checkpoint are rows, and one transaction moves them from
 * one log to the next. So whenever the process, the connection or the server dies, the database holds either the log
 * before the batch with every event still in the outbox, or the log after it with every event in it once. Nothing that
 * matters is outside: `edge` is read back from the database by whoever leads next, and is thrown away after any error,
 * also after a COMMIT that was not answered.
 *
 * - No double entry: an event enters `ledger_event` by the statement that deletes it from the outbox; if another one took
 *   it meanwhile, the count is short and the batch is given up.
 * - No gap: leaves are numbered from the size that the commit swaps, and every event taken is moved or none is.
 * - No fork: `PostgresLog.commit` swaps the size only if it is the one that this edge was read at; that locks the row, so
 *   of two appends to one size the second finds another size and is rolled back. A leader that slept through the end of
 *   its reign has this transaction on the very connection whose end released its lock; it cannot even try.
 * - No signature on what never was: the checkpoint is signed before the commit, but leaves this function, as a row, only
 *   with it. A signature of a batch that was rolled back has been seen by nobody.
 *
 * ## Why the order is right
 *
 * Transactions commit in another order than they draw `seq`, so an event may appear with a smaller number than events
 * already logged; it is then logged later, for each event is a row of its own, taken when it is visible. What must keep
 * its order does: the writer of version n + 1 holds the lock of the row that version n's transaction wrote, so it runs
 * after that transaction's commit, and draws its `seq` after it. Whatever snapshot shows the event of n + 1 shows that of
 * n, with a smaller `seq`, or finds it logged already. The same holds for any two events of which the second was caused by
 * somebody who had seen the first.
 */
export async function sequenceBatch(
  client: PoolClient,
  edge: LogEdge,
  parts: BatchParts,
): Promise<{ edge: LogEdge; events: number } | undefined> {
  const reached = async (step: BatchStep): Promise<void> => parts.reached?.(step);
  const rows = await run<OutboxRow>(client, TAKE, [parts.most]);
  if (rows.length === 0) return undefined;
  await reached('taken');
  const batch = await link(rows, await openEvents(parts.keys, rows), await readChains(client, rows));
  const { append, edge: grown } = appendToEdge(edge, batch.leaves);
  await reached('linked');
  const note = await signNote(formatCheckpoint({ origin: parts.origin, size: append.size, root: append.root }), [
    ...parts.signers,
  ]);
  await reached('signed');
  await commit(client, rows, batch, append, formatNote(note), reached);
  await reached('committed');
  return { edge: grown, events: rows.length };
}

async function readChains(client: PoolClient, rows: readonly OutboxRow[]): Promise<Map<bigint, Chain>> {
  const patients = [...new Set(rows.map(({ patient }) => patient))];
  const found = await run<{ patient: bigint; events: bigint; last: Buffer }>(client, CHAINS, [int8Array(patients)]);
  return new Map(found.map(({ patient, events, last }) => [patient, { events: Number(events), last }]));
}

async function link(
  rows: readonly OutboxRow[],
  openings: readonly { opening: EventOpening; replaced: boolean }[],
  chains: ReadonlyMap<bigint, Chain>,
): Promise<LinkedBatch> {
  const moved = new Map<bigint, Chain>();
  const batch: LinkedBatch = { leaves: [], sequences: [], replaced: [], chains: moved };
  for (const [i, { patient }] of rows.entries()) {
    const { opening, replaced } = openings[i]!;
    const { events, last } = moved.get(patient) ?? chains.get(patient) ?? { events: 0, last: undefined };
    const leaf = formatLeaf(leafOf({ ...opening, sequence: events, previous: last }));
    batch.leaves.push(leaf);
    batch.sequences.push(BigInt(events));
    batch.replaced.push(replaced);
    moved.set(patient, { events: events + 1, last: treeHasher.leaf(leaf) });
    if (i % CHUNK === CHUNK - 1) await nextTurn();
  }
  return batch;
}

async function commit(
  client: PoolClient,
  rows: readonly OutboxRow[],
  { sequences, replaced, chains }: LinkedBatch,
  append: LogAppend,
  note: string,
  reached: (step: BatchStep) => Promise<void>,
): Promise<void> {
  await client.query('BEGIN');
  try {
    await reached('begun');
    const [moved] = await run<{ count: number }>(client, MOVE_EVENTS, [
      int8Array(rows.map(({ seq }) => seq)),
      int8Array(sequences),
      int2Array(replaced.map(Number)),
      append.oldSize,
    ]);
    if (moved?.count !== rows.length) throw new Error('the outbox changed while it was read');
    await reached('events-moved');
    await run(client, MOVE_CHAINS, [
      int8Array([...chains.keys()]),
      int8Array([...chains.values()].map(({ events }) => BigInt(events))),
      byteaArray([...chains.values()].map(({ last }) => last ?? new Uint8Array())),
    ]);
    await reached('chains-moved');
    await new PostgresLog(client).commit(append);
    await reached('tiles-written');
    await writeCheckpoint(client, 'signed', note);
    await reached('checkpoint-written');
    await client.query('COMMIT');
  } catch (error) {
    // where the connection is gone, so is the transaction
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
