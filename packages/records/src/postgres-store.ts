import { answering, answeringEach } from './availability.ts';
import type { BlobKeys } from './blobs/keys.ts';
import { readHistory } from './history.ts';
import { scan } from './scan.ts';
import type { BlobStore, RecordStore } from './store.ts';
import { blobKeysOf, openStoreParts, type StorePartsOptions } from './store-parts.ts';
import { Writer } from './writer.ts';

export interface StoreOptions extends StorePartsOptions {
  /** Made with the store's keys, so it comes as a function. */
  blobs: (keys: BlobKeys) => BlobStore;
}

/** The store on PostgreSQL, with what operators watch. */
export interface PostgresStore extends RecordStore {
  /** Reads, writes and views that wait for the database. */
  backlog(): number;
}

/** Opens the store on a migrated database. */
export async function openStore(options: StoreOptions): Promise<PostgresStore> {
  const parts = await openStoreParts(options);
  const { pool, ids, views, reader, search } = parts;
  const writer = new Writer(parts);

  return {
    read: (type, id, context) =>
      answering(async () => {
        const found = await reader.current({ type, id });
        if (found) await views.recordOne(found, context);
        return found?.stored;
      }),
    readMany: (references, context) =>
      answering(async () => {
        const found = await reader.currentOf(pool, references);
        await views.recordAll(found, context);
        return found.map((version) => version?.stored);
      }),
    vread: (type, id, version, context) =>
      answering(async () => {
        const found = await reader.version({ type, id }, version);
        if (found) await views.recordOne(found, context);
        return found?.stored;
      }),
    history: (request, context) => answering(() => readHistory(parts, request, context)),
    search: (query, context) => answering(() => search.search(query, context)),
    write: (write, context) => answering(() => writer.write(write, context)),
    writeAll: (writes, context) => answering(() => writer.writeAll(writes, context)),
    scan: (request, context) => answeringEach(scan(parts, request, context)),
    newId: (patientId) => ids.assign(ids.patient(patientId)),
    blobs: options.blobs(blobKeysOf(parts)),
    backlog: () => reader.backlog + writer.backlog + views.backlog,
    async close() {
      await Promise.all([writer.drained(), views.drained()]);
    },
  };
}
