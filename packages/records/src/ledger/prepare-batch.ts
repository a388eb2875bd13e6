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
import type { Pool } from 'pg';
import type { KeyRing } from '../keys/key-ring.ts';
import { int8Array } from '../sql/binary-array.ts';
import { prepared, run } from '../sql/run.ts';
import type { EventOpening, StoredEvent } from './event-opening.ts';
import { openEvents } from './open-events.ts';

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
  /** Reads the outbox and the chains; another connection than the one that commits. */
  readPool: Pool;
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
export interface Chain {
  events: number;
  /** Leaf hash of the last event; undefined where there is none. */
  last: Uint8Array | undefined;
}

/** All that a commit adds to the log, worked out. Nothing of it counts before it is committed (`commitBatch`). */
export interface PreparedBatch {
  /** Numbers of the events in the outbox, in the order of their leaves. */
  seqs: readonly bigint[];
  /** Place of each event in its patient's chain. */
  sequences: readonly bigint[];
  /** Whether each could not be opened. */
  replaced: readonly boolean[];
  /** The chains that the batch makes longer. */
  chains: ReadonlyMap<bigint, Chain>;
  append: LogAppend;
  /** The edge of the log with this batch. */
  edge: LogEdge;
  /** The signed checkpoint of the log with this batch. */
  note: string;
}

const TAKE = prepared(/* sql */ `
  SELECT seq, event, patient, rid, version, bucket, kind, sealed FROM ledger_outbox
   WHERE seq <> ALL ($2::int8[]) ORDER BY seq LIMIT $1`);

const CHAINS = prepared('SELECT patient, events, last FROM ledger_subject WHERE patient = ANY ($1::int8[])');

/** Events between two turns of the event loop, so that requests of the same process do not wait for a whole batch. */
const CHUNK = 200;

/**
 * Takes the oldest events from the outbox and works out the log with them: leaves, chains, tiles, signed checkpoint.
 * Writes nothing. Undefined where the outbox has nothing more.
 *
 * @param edge of the log before this batch
 * @param before the batch before this one, which may still be on its way: its events are passed over, and its chains are
 *   gone on from. Where it fails, what this gives must be thrown away.
 */
export async function prepareBatch(
  edge: LogEdge,
  parts: BatchParts,
  before?: PreparedBatch,
): Promise<PreparedBatch | undefined> {
  const { readPool, origin, signers, most } = parts;
  const rows = await run<OutboxRow>(readPool, TAKE, [most, int8Array(before?.seqs ?? [])]);
  if (rows.length === 0) return undefined;
  await parts.reached?.('taken');
  const openings = await openEvents(parts.keys, rows);
  const { leaves, ...linked } = await link(rows, openings, await readChains(readPool, rows, before));
  const { append, edge: grown } = appendToEdge(edge, leaves);
  await parts.reached?.('linked');
  const note = await signNote(formatCheckpoint({ origin, size: append.size, root: append.root }), [...signers]);
  await parts.reached?.('signed');
  return { seqs: rows.map(({ seq }) => seq), ...linked, append, edge: grown, note: formatNote(note) };
}

/** Ends of the chains as they are once `before` is committed, whether or not it is already. */
async function readChains(
  readPool: Pool,
  rows: readonly OutboxRow[],
  before: PreparedBatch | undefined,
): Promise<Map<bigint, Chain>> {
  const patients = [...new Set(rows.map(({ patient }) => patient))];
  const found = await run<{ patient: bigint; events: bigint; last: Buffer }>(readPool, CHAINS, [int8Array(patients)]);
  const chains = new Map<bigint, Chain>();
  for (const { patient, events, last } of found) chains.set(patient, { events: Number(events), last });
  for (const [patient, chain] of before?.chains ?? []) chains.set(patient, chain);
  return chains;
}

async function link(
  rows: readonly OutboxRow[],
  openings: readonly { opening: EventOpening; replaced: boolean }[],
  chains: ReadonlyMap<bigint, Chain>,
) {
  const moved = new Map<bigint, Chain>();
  const leaves: Uint8Array[] = [];
  const sequences: bigint[] = [];
  for (const [i, { patient }] of rows.entries()) {
    const { events, last } = moved.get(patient) ?? chains.get(patient) ?? { events: 0, last: undefined };
    const leaf = formatLeaf(leafOf({ ...openings[i]!.opening, sequence: events, previous: last }));
    leaves.push(leaf);
    sequences.push(BigInt(events));
    moved.set(patient, { events: events + 1, last: treeHasher.leaf(leaf) });
    if (i % CHUNK === CHUNK - 1) await nextTurn();
  }
  return { leaves, sequences, replaced: openings.map(({ replaced }) => replaced), chains: moved };
}
