import type { Pool } from 'pg';
import { EVENT_KIND, type EventContent, type EventKind } from './events/event.ts';
import { type SealedEvent, sealEvents, writeEvents } from './events/outbox.ts';
import { eventNumber } from './events/record-events.ts';
import { Group } from './group.ts';
import { NOBODY } from './ids.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { prepared, run } from './sql/run.ts';
import type { Context, SeenEvent, StoredVersion } from './store.ts';
import type { OpenedVersion } from './stored-row.ts';
import type { SeenVersion } from './visibility/judge.ts';

/** Writes to the log of the database as much as an event would, so that its commit takes as long. Keeps nothing. */
const PADDING = prepared(`SELECT pg_logical_emit_message(true, 'meridian', repeat('-', 300)) IS NOT NULL AS padded`);

/**
 * Records who saw what. Every method resolves only when its events are durable, so an answer that waits for it never
 * leaves before its view is on record (DESIGN §5); views of many requests share one commit.
 */
export class Views {
  readonly #keys: KeyRing;
  readonly #now: () => number;
  readonly #group: Group<SealedEvent[], undefined>;
  readonly #listeners = new Set<(seen: SeenEvent) => void>();

  constructor(pool: Pool, keys: KeyRing, now: () => number) {
    this.#keys = keys;
    this.#now = now;
    this.#group = new Group(
      async (batches) => {
        const events = batches.flat();
        if (events.length > 0) await writeEvents(pool, events);
        else await run(pool, PADDING, []);
        return batches.map(() => undefined);
      },
      // one at a time, so that those who come meanwhile share the next commit
      { most: 128, parallel: 1, queue: 10_000 },
    );
  }

  /** One event for each patient and permission. What belongs to no patient is not a view of anybody. */
  async record(kind: EventKind, versions: readonly SeenVersion[], context: Context): Promise<void> {
    const events = this.#eventsOf(kind, versions, context);
    if (events.length === 0) return;
    const sealed = await sealEvents(this.#keys, events);
    await this.#group.submit(sealed);
    if (this.#listeners.size === 0) return;
    events.forEach(({ content, sample }, i) => {
      const event = eventNumber((sealed[i] as SealedEvent).event);
      const { basis } = content;
      for (const listener of this.#listeners)
        listener({ event, context, sample, ...(basis !== undefined && { basis }) });
    });
  }

  /** Tells of views once they are on record. Answers how to stop it. */
  onSeen(listener: (seen: SeenEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Records that something which exists was refused. Takes as long as `nothing`, also where there is no patient to be
   * told: whether something exists must not show in the time of the answer.
   */
  async recordRefused(versions: readonly OpenedVersion[], context: Context): Promise<void> {
    const events = this.#eventsOf(EVENT_KIND.refused, versions, context);
    await this.#group.submit(await sealEvents(this.#keys, events));
  }

  /** Waits as if there were something to record. */
  nothing(): Promise<void> {
    return this.#group.submit([]);
  }

  #eventsOf(kind: EventKind, versions: readonly SeenVersion[], context: Context) {
    const at = this.#now();
    const events = new Map<
      string,
      { patient: bigint; content: EventContent & { subjects: string[] }; sample: StoredVersion }
    >();
    for (const { patient, stored, basis } of versions) {
      if (patient === NOBODY) continue;
      const subject = `${stored.type}/${stored.id}/_history/${stored.version}`;
      const key = `${patient} ${basis ?? ''}`;
      const event = events.get(key);
      if (event) event.content.subjects.push(subject);
      else {
        const content = { kind, at, context, subjects: [subject], ...(basis !== undefined && { basis }) };
        events.set(key, { patient, content, sample: stored });
      }
    }
    return [...events.values()];
  }

  get backlog(): number {
    return this.#group.backlog;
  }

  /** Resolves when nothing waits to be committed. */
  drained(): Promise<void> {
    return this.#group.drained();
  }
}
