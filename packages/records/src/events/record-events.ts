import type { Pool } from 'pg';
import type { Ids } from '../ids.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Context } from '../view-context.ts';
import type { EventKind } from './event.ts';
import { sealEvents, writeEvents } from './outbox.ts';

/** An event that stands for itself: about a decision, a token, a sign-in. */
export interface StoreEvent {
  kind: EventKind;
  /** Logical id of the Patient in whose chain it stands; undefined: nobody's. */
  patientId?: string;
  context: Context;
  /** What it is about: `Type/id/_history/version`, or another name that says nothing of a person. */
  subjects: readonly string[];
  basis?: string;
}

/** Commits events. Answers their numbers as 16 hexadecimal digits. */
export async function recordEvents(
  parts: { pool: Pool; keys: KeyRing; ids: Ids; now: () => number },
  events: readonly StoreEvent[],
): Promise<string[]> {
  if (events.length === 0) return [];
  const at = parts.now();
  const sealed = await sealEvents(
    parts.keys,
    events.map(({ patientId, ...content }) => ({ patient: parts.ids.patient(patientId), content: { ...content, at } })),
  );
  await writeEvents(parts.pool, sealed);
  return sealed.map(({ event }) => eventNumber(event));
}

/** The number of an event as callers know it. */
export function eventNumber(event: bigint): string {
  return BigInt.asUintN(64, event).toString(16).padStart(16, '0');
}
