import { decode } from 'cborg';
import { EVENT_KIND, type EventKind } from '../events/event.ts';

/** What an event says, read back from its canonical bytes (events/event.ts). */
export interface ReadEvent {
  kind: EventKind;
  /** Epoch milliseconds. */
  at: number;
  actor: string;
  purpose: string;
  /** In which role, for which organisation, and on what permission; undefined where it was not said. */
  role: string | undefined;
  organization: string | undefined;
  basis: string | undefined;
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
  if (!Array.isArray(value)) return undefined;
  const fields = fieldsOf(value);
  if (!fields) return undefined;
  const [kind, at, actor, purpose, role, organization, basis, requestId, subjects, digest] = fields;
  if (typeof kind !== 'number' || !KINDS.has(kind) || typeof at !== 'number') return undefined;
  if (!isText(actor) || !isText(purpose) || !isText(requestId)) return undefined;
  if (!isTextOrNull(role) || !isTextOrNull(organization) || !isTextOrNull(basis)) return undefined;
  if (!Array.isArray(subjects) || !subjects.every(isText)) return undefined;
  if (digest !== null && !(digest instanceof Uint8Array)) return undefined;
  return {
    kind: kind as EventKind,
    at,
    actor,
    purpose,
    role: role ?? undefined,
    organization: organization ?? undefined,
    basis: basis ?? undefined,
    requestId,
    subjects,
    digest: digest ?? undefined,
  };
}

/** The elements of both encodings, in the order of the second and without its number. */
function fieldsOf(value: readonly unknown[]): readonly unknown[] | undefined {
  if (value[0] === 2 && value.length === 12) return value.slice(1);
  if (value[0] !== 1 || value.length !== 9) return undefined;
  const [, kind, at, actor, purpose, ...rest] = value;
  return [kind, at, actor, purpose, null, null, null, ...rest];
}

function isText(item: unknown): item is string {
  return typeof item === 'string';
}

function isTextOrNull(item: unknown): item is string | null {
  return item === null || typeof item === 'string';
}
