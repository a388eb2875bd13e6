import { encode } from 'cborg';
import { randomPooled } from '../sealing/random.ts';
import type { Context } from '../store.ts';

/**
 * Kinds of events (DESIGN §5), as they stand in leaves and in `ledger_outbox.kind`. Part of the storage format: numbers
 * are never reused.
 */
export const EVENT_KIND = {
  created: 1,
  updated: 2,
  deleted: 3,
  viewed: 4,
  searched: 5,
  exported: 6,
  imported: 7,
  /** The monitor of the ledger found something damaged; its subjects name the rows. */
  ledgerAlarm: 64,
} as const;

export type EventKind = (typeof EVENT_KIND)[keyof typeof EVENT_KIND];

/** What an event says, before it is encoded and sealed. */
export interface EventContent {
  kind: EventKind;
  /** Epoch milliseconds. */
  at: number;
  context: Context;
  /** `Type/id/_history/version` of everything it is about; of one patient only. */
  subjects: readonly string[];
  /** SHA-256 of the record version's JSON, where the event is about exactly one that was written. */
  digest?: Buffer;
}

/** Version of the encoding below. */
const ENCODING = 1;
const SALT = 16;

/**
 * The canonical bytes of an event: deterministic CBOR (RFC 8949 §4.2) of the array
 * `[encoding, kind, at, actor, purpose, requestId, subjects, digest | null, salt]`.
 *
 * The salt (16 random bytes) travels inside the sealed event; the leaf commits to the event under it, so that a leaf
 * alone cannot be tested against guesses.
 */
export function encodeEvent(event: EventContent, salt: Buffer = randomPooled(SALT)): Buffer {
  const { actor, purpose, requestId } = event.context;
  return Buffer.from(
    encode([ENCODING, event.kind, event.at, actor, purpose, requestId, event.subjects, event.digest ?? null, salt]),
  );
}
