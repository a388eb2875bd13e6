import { hash } from 'node:crypto';
import { LEAF_KIND, LEAF_SUITE_SHA256, type Opening, sha256 } from '@meridian/ledger';
import { encode } from 'cborg';
import { eventPlace } from '../sealing/seal.ts';

/** What the opening of an event says, before its place in the patient's chain is known. */
export type EventOpening = Pick<Opening, 'suite' | 'kind' | 'salt' | 'event'>;

/** Both end in a newline and differ, so that no salt of one kind is one of the other. */
const SALT_OF_EVENT = Buffer.from('meridian.ledger.salt.v1\n');
const SALT_OF_SEALED = Buffer.from('meridian.ledger.sealed.v1\n');

/** Length of the salt inside an event (events/event.ts); it is the last element of the encoding. */
const INNER_SALT = 16;
/** CBOR: a byte string of 16 bytes (RFC 8949 §3). */
const BYTES_16 = 0x50;

/** Kind and encoding of a replacement event; no event of the store has kind 0. */
const REPLACEMENT = [1, 0] as const;

/**
 * The opening of an event from its canonical bytes. The salt of the commitment is
 * SHA-256(`meridian.ledger.salt.v1\n` ‖ the 16 random bytes at the end of the event): it needs no place of its own, and is
 * gone when the key that seals the event is.
 *
 * Undefined for bytes that `encodeEvent` did not make.
 */
export function openingOfEvent(event: Uint8Array): EventOpening | undefined {
  const at = event.length - INNER_SALT;
  if (at < 1 || event[at - 1] !== BYTES_16) return undefined;
  return opening(saltOf(SALT_OF_EVENT, event.subarray(at)), event);
}

/** An event as it is stored, with what it is about. */
export interface StoredEvent {
  event: bigint;
  patient: bigint;
  rid: bigint | null;
  version: number | null;
  bucket: number;
  kind: number;
  sealed: Buffer;
}

/**
 * The opening that stands in for an event which cannot be opened when it is logged, because its key was destroyed or its
 * bytes are damaged: the CBOR array `[1, 0, SHA-256(row)]` under the salt SHA-256(`meridian.ledger.sealed.v1\n` ‖ sealed),
 * where `row` is patient, event number, bucket and kind as `eventPlace` has them, rid and version (zeroes where there are
 * none) and the sealed bytes. The leaf then commits to the row, which says nothing to anybody, and the log goes on.
 */
export function openingOfSealed(row: StoredEvent): EventOpening {
  const subject = Buffer.alloc(12);
  subject.writeBigInt64BE(row.rid ?? 0n, 0);
  subject.writeInt32BE(row.version ?? 0, 8);
  const place = eventPlace(row.event, row.kind, row.bucket, row.patient);
  const digest = hash('sha256', Buffer.concat([place, subject, row.sealed]), 'buffer');
  return opening(saltOf(SALT_OF_SEALED, row.sealed), encode([...REPLACEMENT, digest]));
}

function opening(salt: Uint8Array, event: Uint8Array): EventOpening {
  return { suite: LEAF_SUITE_SHA256, kind: LEAF_KIND.event, salt, event };
}

function saltOf(domain: Buffer, bytes: Uint8Array): Uint8Array {
  const message = Buffer.allocUnsafe(domain.length + bytes.length);
  message.set(domain);
  message.set(bytes, domain.length);
  return sha256(message);
}
