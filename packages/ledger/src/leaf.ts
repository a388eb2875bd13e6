import { equal, toUtf8, uint64 } from './bytes.ts';
import { LedgerError } from './error.ts';
import { HASH_SIZE, type Hasher, platformHasher } from './hasher.ts';
import { treeHasher } from './tree-hash.ts';

/** The one version of the leaf layout so far. */
export const LEAF_VERSION = 1;
/** Suite 1: SHA-256 for events and tree, HMAC-SHA-256 for commitments. A new suite starts a new log. */
export const LEAF_SUITE_SHA256 = 1;
/** Length of a leaf of suite 1, in bytes. */
export const LEAF_BYTES = 3 + HASH_SIZE;
/** Length of the salt of a commitment, in bytes. */
export const SALT_BYTES = 32;

/** What the opening of a leaf is. Says nothing about the kind of event: how often records are viewed is nobody's business. */
export const LEAF_KIND = {
  /** An event. */
  event: 1,
  /** The last checkpoint of the log that this one continues; first leaf of a log that has a predecessor. */
  predecessor: 2,
} as const;

// 24 bytes, so that the committed message has one length and no two readings.
const COMMITMENT_DOMAIN = toUtf8('meridian.ledger.leaf.v1\n');
/** Where the parts of the committed message begin. */
const EVENT_AT = 24;
const SEQUENCE_AT = EVENT_AT + HASH_SIZE;
const PREVIOUS_AT = SEQUENCE_AT + 8;
const COMMITTED_BYTES = PREVIOUS_AT + HASH_SIZE;

/** A leaf as it is logged: it says nothing to whoever lacks its opening. */
export interface Leaf {
  readonly version: number;
  readonly suite: number;
  readonly kind: number;
  readonly commitment: Uint8Array;
}

/** What opens a leaf. Whoever holds it can show what was logged; where salt and event are destroyed, nobody can. */
export interface Opening {
  readonly suite: number;
  readonly kind: number;
  /** 32 random bytes, fresh for each leaf: without it the commitment could be found out by guessing the event. */
  readonly salt: Uint8Array;
  /** The event in its canonical encoding. */
  readonly event: Uint8Array;
  /** Place of the event among those of its subject (the patient), from 0. */
  readonly sequence: number;
  /** Leaf hash of the event of the same subject before this one; undefined for sequence 0. */
  readonly previous: Uint8Array | undefined;
}

/**
 * The commitment to an event, 32 bytes: HMAC-SHA-256 with the salt as key over
 *
 * | bytes | what |
 * |---|---|
 * | 0–23 | `meridian.ledger.leaf.v1` and a newline, ASCII |
 * | 24–55 | SHA-256 of the event |
 * | 56–63 | sequence, big-endian |
 * | 64–95 | hash of the previous leaf of the subject (RFC 6962 leaf hash); zeroes where there is none |
 *
 * HMAC under a random key hides the event and binds to it as long as SHA-256 is collision resistant. Sequence and
 * previous leaf are inside, so a subject's chain cannot be cut or re-ordered without changing leaves. Throws `bad-leaf`.
 */
export function commitment(opening: Opening, hasher: Hasher = platformHasher): Uint8Array {
  const { salt, event, sequence, previous } = opening;
  requireOpening(opening);
  const message = new Uint8Array(COMMITTED_BYTES);
  message.set(COMMITMENT_DOMAIN);
  hasher.digestInto(event, message, EVENT_AT);
  message.set(uint64(sequence), SEQUENCE_AT);
  if (previous !== undefined) message.set(previous, PREVIOUS_AT);
  return hasher.hmac(salt, message);
}

/** The leaf of an opening. Throws `bad-leaf`. */
export function leafOf(opening: Opening, hasher: Hasher = platformHasher): Leaf {
  const { suite, kind } = opening;
  return { version: LEAF_VERSION, suite, kind, commitment: commitment(opening, hasher) };
}

/** The 35 bytes that are logged: version, suite, kind (one byte each), commitment (32 bytes). Throws `bad-leaf`. */
export function formatLeaf({ version, suite, kind, commitment }: Leaf): Uint8Array {
  const leaf = new Uint8Array(3 + commitment.length);
  leaf[0] = version;
  leaf[1] = suite;
  leaf[2] = kind;
  leaf.set(commitment, 3);
  // Held to the rules of reading, so that what cannot be read is never logged: a log forgets nothing.
  requireKnown(leaf);
  if (leaf[2] !== kind) throw new LedgerError('bad-leaf', 'The kind of a leaf is a number from 1 to 255.');
  return leaf;
}

/** Reads a logged leaf. Throws `bad-leaf` where version or suite is not known here, rather than guess. */
export function parseLeaf(bytes: Uint8Array): Leaf {
  requireKnown(bytes);
  return { version: bytes[0]!, suite: bytes[1]!, kind: bytes[2]!, commitment: bytes.slice(3) };
}

function requireKnown(leaf: Uint8Array): void {
  const known =
    leaf.length === LEAF_BYTES && leaf[0] === LEAF_VERSION && leaf[1] === LEAF_SUITE_SHA256 && leaf[2] !== 0;
  if (!known) {
    throw new LedgerError('bad-leaf', 'The leaf has a layout or suite unknown here; use a newer release to read it.');
  }
}

/** RFC 6962 leaf hash of the leaf of an opening: what an inclusion proof starts from and the next event links to. */
export function openedLeafHash(opening: Opening, hasher: Hasher = platformHasher): Uint8Array {
  return treeHasher.leaf(formatLeaf(leafOf(opening, hasher)));
}

/** What is wrong with the chain of a subject, or undefined where it has no gap. */
export interface ChainFault {
  /** Place in the list given. */
  readonly at: number;
  readonly fault: 'sequence' | 'link' | 'order';
  readonly sentence: string;
}

/**
 * Checks that the events given are the first ones of one subject with none left out: sequence 0, 1, 2 …, each linked to
 * the leaf before, each later in the log. Each must be proved to be in the log beside this, by its receipt.
 */
export function findChainFault(
  events: readonly { readonly index: number; readonly opening: Opening }[],
): ChainFault | undefined {
  let previous: { readonly index: number; readonly leafHash: Uint8Array } | undefined;
  for (const [at, { index, opening }] of events.entries()) {
    if (opening.sequence !== at) {
      return {
        at,
        fault: 'sequence',
        sentence: `Event number ${at} is missing: the next is number ${opening.sequence}.`,
      };
    }
    const linked =
      previous === undefined || (opening.previous !== undefined && equal(opening.previous, previous.leafHash));
    if (!linked) return { at, fault: 'link', sentence: `Event number ${at} does not follow the one before it.` };
    if (previous !== undefined && index <= previous.index) {
      return { at, fault: 'order', sentence: `Event number ${at} was logged before the one it follows.` };
    }
    previous = { index, leafHash: openedLeafHash(opening) };
  }
  return undefined;
}

function requireOpening({ suite, kind, salt, sequence, previous }: Opening): void {
  if (suite !== LEAF_SUITE_SHA256) throw new LedgerError('bad-leaf', 'The suite of the leaf is not known here.');
  if (!Number.isInteger(kind) || kind < 1 || kind > 255) {
    throw new LedgerError('bad-leaf', 'The kind of a leaf is a number from 1 to 255.');
  }
  if (salt.length !== SALT_BYTES) throw new LedgerError('bad-leaf', `The salt of a leaf has ${SALT_BYTES} bytes.`);
  if (!Number.isSafeInteger(sequence) || sequence < 0) throw new LedgerError('bad-leaf', 'A sequence counts from 0.');
  if ((sequence === 0) !== (previous === undefined) || (previous !== undefined && previous.length !== HASH_SIZE)) {
    throw new LedgerError('bad-leaf', 'The first event of a subject has no previous leaf; every other has its hash.');
  }
}
