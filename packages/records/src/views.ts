import type { Pool } from 'pg';
import { EVENT_KIND, type EventKind } from './events/event.ts';
import { type SealedEvent, sealEvents, writeEvents } from './events/outbox.ts';
import { Group } from './group.ts';
import { NOBODY } from './ids.ts';
import type { KeyRing } from './keys/key-ring.ts';
import type { Context } from './store.ts';
import type { OpenedVersion } from './stored-row.ts';

/**
 * Records who saw what. Every method resolves only when its events are durable, so an answer that waits for it never
 * leaves before its view is on record (DESIGN §5); views of many requests share one commit.
 */
export class Views {
  readonly #keys: KeyRing;
  readonly #now: () => number;
  readonly #group: Group<SealedEvent[], undefined>;

  constructor(pool: Pool, keys: KeyRing, now: () => number) {
    this.#keys = keys;
    this.#now = now;
    this.#group = new Group(
      async (batches) => {
        await writeEvents(pool, batches.flat());
        return batches.map(() => undefined);
      },
      { most: 128, parallel: 2, queue: 10_000 },
    );
  }

  /** One event for each patient among the versions. What belongs to no patient is not a view of anybody. */
  async record(kind: EventKind, versions: readonly OpenedVersion[], context: Context): Promise<void> {
    const subjects = new Map<bigint, string[]>();
    for (const { patient, stored } of versions) {
      if (patient === NOBODY) continue;
      const subject = `${stored.type}/${stored.id}/_history/${stored.version}`;
      const seen = subjects.get(patient);
      if (seen) seen.push(subject);
      else subjects.set(patient, [subject]);
    }
    if (subjects.size === 0) return;
    const at = this.#now();
    const events = [...subjects].map(([patient, seen]) => ({
      patient,
      content: { kind, at, context, subjects: seen },
    }));
    await this.#group.submit(await sealEvents(this.#keys, events));
  }

  recordOne(version: OpenedVersion, context: Context): Promise<void> {
    return this.record(EVENT_KIND.viewed, [version], context);
  }

  recordAll(versions: readonly (OpenedVersion | undefined)[], context: Context): Promise<void> {
    return this.record(
      EVENT_KIND.viewed,
      versions.filter((version) => version !== undefined),
      context,
    );
  }

  get backlog(): number {
    return this.#group.backlog;
  }

  /** Resolves when nothing waits to be committed. */
  drained(): Promise<void> {
    return this.#group.drained();
  }
}
