import { answering, answeringEach } from './availability.ts';
import type { BlobKeys } from './blobs/keys.ts';
import type { ChangeFeed } from './changes/change-feed.ts';
import { EVENT_KIND } from './events/event.ts';
import { recordEvents } from './events/record-events.ts';
import { readHistory } from './history.ts';
import type { ResourceName } from './reader.ts';
import { scan } from './scan.ts';
import type { BlobStore, RecordStore, StoredVersion, ViewContext } from './store.ts';
import { blobKeysOf, type StoreParts } from './store-parts.ts';
import type { OpenedVersion } from './stored-row.ts';
import { Writer } from './writer.ts';

/** The store on PostgreSQL, with what operators watch. */
export interface PostgresStore extends RecordStore {
  /** Reads, writes and views that wait for the database. */
  backlog(): number;
}

/**
 * The store on a migrated database, made of parts that others use as well.
 *
 * @param blobs made with the store's keys, so it comes as a function
 */
export function storeOf(
  parts: StoreParts,
  blobs: (keys: BlobKeys) => BlobStore,
  changes: Pick<ChangeFeed, 'on' | 'tell'>,
): PostgresStore {
  const { pool, ids, views, reader, search, judge } = parts;
  const writer = new Writer({ ...parts, tell: (change) => changes.tell(change) });

  /** What of a version is shown; a view, a refusal, or as much time as they take. */
  async function shown(
    name: ResourceName,
    found: OpenedVersion | undefined,
    context: ViewContext,
  ): Promise<StoredVersion | undefined> {
    const rule = await judge.ruleForName(name, found, context);
    const [seen] = found ? await judge.byRule(rule, [found]) : [];
    if (seen) await views.record(EVENT_KIND.viewed, [seen], context);
    else if (found) await views.recordRefused([found], context);
    else if (rule.kind !== 'always') await views.nothing();
    return seen?.stored;
  }

  return {
    read: (type, id, context) =>
      answering(async () => shown({ type, id }, await reader.current({ type, id }), context)),
    vread: (type, id, version, context) =>
      answering(async () => shown({ type, id }, await reader.version({ type, id }, version), context)),
    readMany: (references, context) =>
      answering(async () => {
        const found = await reader.currentOf(pool, references);
        const seen = await judge.of(found, context);
        const refused = found.filter((version, i) => version !== undefined && !seen[i]);
        await views.record(
          EVENT_KIND.viewed,
          seen.filter((version) => version !== undefined),
          context,
        );
        if (refused.length > 0)
          await views.recordRefused(
            refused.filter((version) => version !== undefined),
            context,
          );
        return seen.map((version) => version?.stored);
      }),
    history: (request, context) => answering(() => readHistory(parts, request, context)),
    search: (query, context) => answering(() => search.search(query, context)),
    write: (write, context) => answering(() => writer.write(write, context)),
    writeAll: (writes, context) => answering(() => writer.writeAll(writes, context)),
    scan: (request, context) => answeringEach(scan(parts, request, context)),
    newId: (patientId) => ids.assign(ids.patient(patientId)),
    patientNumber: (patientId) => ids.patient(patientId),
    sees: (type, id, version, context) =>
      answering(async () => {
        const name = { type, id };
        const found = await (version === undefined ? reader.current(name) : reader.version(name, version));
        const rule = await judge.ruleForName(name, found, context);
        return found !== undefined && (await judge.byRule(rule, [found])).length > 0;
      }),
    evidence: {
      read: (type, id) => answering(async () => (await reader.current({ type, id }))?.stored),
      search: (query, patient) => answering(() => search.unseen(query, patient)),
      patients: (query, limit) => answering(() => search.patients(query, limit)),
    },
    record: (events) => answering(() => recordEvents(parts, events)),
    onSeen: (listener) => views.onSeen(listener),
    onCommitted: (listener) => changes.on(listener),
    blobs: blobs(blobKeysOf(parts)),
    backlog: () => reader.backlog + writer.backlog + views.backlog,
    async close() {
      await Promise.all([writer.drained(), views.drained()]);
    },
  };
}
