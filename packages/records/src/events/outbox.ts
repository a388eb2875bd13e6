import type { KeyObject } from 'node:crypto';
import type { KeyRing } from '../keys/key-ring.ts';
import { eventBucket } from '../sealing/bucket.ts';
import { randomPooled } from '../sealing/random.ts';
import { eventPlace, seal } from '../sealing/seal.ts';
import { byteaArray, int2Array, int4Array, int8Array } from '../sql/binary-array.ts';
import { type Database, prepared, run, unplanned } from '../sql/run.ts';
import { type EventContent, encodeEvent } from './event.ts';

/** An event as it lies in the outbox. */
export interface SealedEvent {
  /** Random 64 bits: its name for receipts, and part of what the seal authenticates. */
  event: bigint;
  patient: bigint;
  bucket: number;
  kind: number;
  sealed: Buffer;
}

/** Seals an event under the patient's audit key of its year. */
export function sealEvent(key: KeyObject, patient: bigint, content: EventContent): SealedEvent {
  const event = randomPooled(8).readBigInt64BE(0);
  const bucket = eventBucket(content.at);
  return {
    event,
    patient,
    bucket,
    kind: content.kind,
    sealed: seal(key, encodeEvent(content), eventPlace(event, content.kind, bucket, patient)),
  };
}

/** Seals events of several patients; fetches the keys that are not at hand. */
export async function sealEvents(
  keys: KeyRing,
  events: readonly { patient: bigint; content: EventContent }[],
): Promise<SealedEvent[]> {
  const ring = await keys.bucketKeys(
    events.map(({ patient, content }) => ({ patient, bucket: eventBucket(content.at) })),
  );
  return events.map(({ patient, content }, i) => sealEvent(ring[i] as KeyObject, patient, content));
}

const COLUMNS = ['int8[]', 'int8[]', 'int4[]', 'int2[]', 'bytea[]'].map((type, i) => unplanned(i + 1, type));

const INSERT = prepared(
  `INSERT INTO ledger_outbox (event, patient, bucket, kind, sealed) SELECT * FROM unnest(${COLUMNS.join()})`,
);

/** Commits events that stand for themselves (views, searches, exports). */
export async function writeEvents(database: Database, events: readonly SealedEvent[]): Promise<void> {
  await run(database, INSERT, [
    int8Array(events.map((event) => event.event)),
    int8Array(events.map((event) => event.patient)),
    int4Array(events.map((event) => event.bucket)),
    int2Array(events.map((event) => event.kind)),
    byteaArray(events.map((event) => event.sealed)),
  ]);
}
