import type { KeyObject } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KeyRing } from '../keys/key-ring.ts';
import { eventPlace, open, SealBroken } from '../sealing/seal.ts';
import { sqlState } from '../sql/run.ts';
import { type EventOpening, openingOfEvent, openingOfSealed, type StoredEvent } from './event-opening.ts';

/** Seals opened between two turns of the event loop. */
const CHUNK = 500;

/**
 * Opens events for the log, in the order given. One that does not open, for whatever reason other than the database being
 * away, is replaced by a commitment to its sealed bytes (`openingOfSealed`): the log never waits for a key.
 */
export async function openEvents(
  keys: KeyRing,
  rows: readonly StoredEvent[],
): Promise<{ opening: EventOpening; replaced: boolean }[]> {
  const ring = await keysOf(keys, rows);
  const opened: { opening: EventOpening; replaced: boolean }[] = [];
  for (const [i, row] of rows.entries()) {
    const plain = openSealed(row, ring[i]);
    const opening = plain && openingOfEvent(plain);
    opened.push(opening ? { opening, replaced: false } : { opening: openingOfSealed(row), replaced: true });
    if (i % CHUNK === CHUNK - 1) await nextTurn();
  }
  return opened;
}

/** The canonical bytes of an event; undefined where there is no key, or it does not open. */
export function openSealed(row: StoredEvent, key: KeyObject | undefined): Buffer | undefined {
  if (!key) return undefined;
  try {
    return open(key, row.sealed, eventPlace(row.event, row.kind, row.bucket, row.patient));
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  }
}

/** The keys of the rows; undefined where a key was destroyed or cannot be unwrapped. */
export async function keysOf(
  keys: KeyRing,
  rows: readonly { patient: bigint; bucket: number }[],
): Promise<(KeyObject | undefined)[]> {
  const cached = rows.map((row) => keys.cached(row));
  if (!cached.includes(undefined)) return cached;
  try {
    return await keys.existingKeys(rows);
  } catch (error) {
    if (isOfDatabase(error)) throw error;
    // One wrapped key that does not open must not withhold the others.
    const found: (KeyObject | undefined)[] = [];
    for (const row of rows) found.push(await existingKey(keys, row));
    return found;
  }
}

async function existingKey(keys: KeyRing, id: { patient: bigint; bucket: number }): Promise<KeyObject | undefined> {
  try {
    return (await keys.existingKeys([id]))[0];
  } catch (error) {
    if (isOfDatabase(error)) throw error;
    return undefined;
  }
}

/** Errors of the server carry an SQLSTATE, those of the socket a system code; errors of keys neither of both. */
function isOfDatabase(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== undefined && !code.startsWith('ERR_')) return true;
  return (
    error instanceof Error && /^(timeout exceeded|Connection terminated|Client has encountered)/.test(error.message)
  );
}
