import { decode } from 'cborg';
import { EVENT_KIND, type EventKind } from '../events/event.ts';

/** What an event says, read back from its canonical bytes (events/event.ts). */
export interface ReadEvent {
  kind: EventKind;
  /** Epoch milliseconds. */
  at: number;
  actor: string;
  purpose: string;
  requestId: string;
  subjects: readonly string[];
  /** SHA-256 of the record version's JSON; undefined where the event is not about one that was written. */
  digest: Uint8Array | undefined;
}

const KINDS: ReadonlySet<number> = new Set(Object.values(EVENT_KIND));

/** Undefined for bytes that are no event of this version's encoding. */
export function readEvent(bytes: Uint8Array): ReadEvent | undefined {
  let value: unknown;
  try {
    value = decode(bytes, { strict: true });
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 9 || value[0] !== 1) return undefined;
  const [, kind, at, actor, purpose, requestId, subjects, digest] = value as unknown[];
  const isText = (item: unknown): item is string => typeof item === 'string';
  if (typeof kind !== 'number' || !KINDS.has(kind) || typeof at !== 'number') return undefined;
  if (!isText(actor) || !isText(purpose) || !isText(requestId)) return undefined;
  if (!Array.isArray(subjects) || !subjects.every(isText)) return undefined;
  if (digest !== null && !(digest instanceof Uint8Array)) return undefined;
  return { kind: kind as EventKind, at, actor, purpose, requestId, subjects, digest: digest ?? undefined };
}
