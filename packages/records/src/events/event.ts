import { randomPooled } from '../sealing/random.ts';
import type { Context } from '../view-context.ts';
import { canonicalCbor } from './canonical-cbor.ts';

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
  /** Something that exists was asked for by somebody who may not see it, or a write of it was refused. */
  refused: 8,
  /** A Consent was written that is in force. */
  consentGiven: 9,
  /** A Consent was written that is no longer in force. */
  consentWithdrawn: 10,
  approvalAsked: 11,
  approvalDecided: 12,
  tokenIssued: 13,
  tokenUsed: 14,
  /** A viewing token or session was revoked, or its time or number of views is over. */
  tokenEnded: 15,
  brokeGlass: 16,
  breakGlassReviewed: 17,
  signedIn: 18,
  signInFailed: 19,
  signedOut: 20,
  accountChanged: 21,
  /** Given out of the system: exported to the patient, printed. */
  disclosed: 22,
  /** Labels of a record were changed. */
  labelled: 23,
  conversion: 24,
  interpretationSigned: 25,
  safetyOverridden: 26,
  notified: 27,
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
  /** On what permission: the reasons of the rule that admitted it (see visibility.ts). */
  basis?: string;
}

/** Version of the encoding below. Events of version 1 lack `role`, `organization` and `basis`. */
const ENCODING = 2;
/** Characters of a role, organisation or basis that an event keeps. */
const SHORT = 200;
const SALT = 16;

/**
 * The canonical bytes of an event: deterministic CBOR (RFC 8949 §4.2) of the array
 * `[encoding, kind, at, actor, purpose, role | null, organization | null, basis | null, requestId, subjects,
 * digest | null, salt]`.
 *
 * The salt (16 random bytes) travels inside the sealed event; the leaf commits to the event under it, so that a leaf
 * alone cannot be tested against guesses.
 */
export function encodeEvent(event: EventContent, salt: Buffer = randomPooled(SALT)): Buffer {
  const { kind, at, context, subjects, digest } = event;
  const who = [context.actor, context.purpose, short(context.role), short(context.organization), short(event.basis)];
  return canonicalCbor([ENCODING, kind, at, ...who, context.requestId, subjects, digest ?? null, salt]);
}

function short(text: string | undefined): string | null {
  return text === undefined ? null : text.slice(0, SHORT);
}
