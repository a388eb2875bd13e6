import type { PoolClient } from 'pg';
import { byteaArray, int2Array, int8Array } from '../sql/binary-array.ts';
import { prepared, run } from '../sql/run.ts';
import { writeCheckpoint } from './checkpoints.ts';
import { PostgresLog } from './postgres-log.ts';
import type { BatchParts, PreparedBatch } from './prepare-batch.ts';

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

/**
 * Moves a batch from the outbox into the log: the events, the ends of the chains, the tiles, the checkpoint; all of it in
 * one transaction.
 *
 * ## Why no crash hurts
 *
 * The outbox, the events, the chains, the tiles, the size and the checkpoint are rows, and one transaction moves them from
 * one log to the next. So whenever the process, the connection or the server dies, the database holds either the log
 * before the batch with every event still in the outbox, or the log after it with every event in it once. Nothing that
 * matters is outside: the edge is read back from the database by whoever leads next. Edge and prepared batches are thrown
 * away after any error, also after a COMMIT that was not answered.
 *
 * - No double entry: an event enters `ledger_event` by the statement that deletes it from the outbox; if another one took
 *   it meanwhile, the count is short and the batch is given up.
 * - No gap: leaves are numbered from the size that the commit swaps, and every event taken is moved or none is.
 * - No fork: `PostgresLog.commit` swaps the size only if it is the one that this batch was prepared for; that locks the
 *   row, so of two appends to one size the second finds another size and is rolled back. A leader that slept through the
 *   end of its reign has this transaction on the very connection whose end released its lock; it cannot even try.
 * - No signature on what never was: the checkpoint is signed before the commit, but leaves this process, as a row, only
 *   with it. A signature of a batch that was rolled back has been seen by nobody.
 * - A batch is prepared while the one before it commits. It begins where that one ends: at a size that the log only has
 *   once that commit is done, so it cannot be committed without it, and before it even less.
 *
 * ## Why the order is right
 *
 * Transactions commit in another order than they draw `seq`, so an event may appear with a smaller number than events
 * already logged; it is then logged later, for each event is a row of its own, taken when it is visible. What must keep
 * its order does: the writer of version n + 1 holds the lock of the row that version n's transaction wrote, so it runs
 * after that transaction's commit, and draws its `seq` after it. Whatever snapshot shows the event of n + 1 shows that of
 * n, with a smaller `seq`, or finds it in the batch before, or logged already. The same holds for any two events of which
 * the second was caused by somebody who had seen the first.
 */
export async function commitBatch(
  client: PoolClient,
  { seqs, sequences, replaced, chains, append, note }: PreparedBatch,
  { reached }: Pick<BatchParts, 'reached'>,
): Promise<void> {
  await client.query('BEGIN');
  try {
    await reached?.('begun');
    const [moved] = await run<{ count: number }>(client, MOVE_EVENTS, [
      int8Array(seqs),
      int8Array(sequences),
      int2Array(replaced.map(Number)),
      append.oldSize,
    ]);
    if (moved?.count !== seqs.length) throw new Error('the outbox changed while it was read');
    await reached?.('events-moved');
    await run(client, MOVE_CHAINS, [
      int8Array([...chains.keys()]),
      int8Array([...chains.values()].map(({ events }) => BigInt(events))),
      byteaArray([...chains.values()].map(({ last }) => last ?? new Uint8Array())),
    ]);
    await reached?.('chains-moved');
    await new PostgresLog(client).commit(append);
    await reached?.('tiles-written');
    await writeCheckpoint(client, 'signed', note);
    await reached?.('checkpoint-written');
    await client.query('COMMIT');
  } catch (error) {
    // where the connection is gone, so is the transaction
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
  await reached?.('committed');
}
