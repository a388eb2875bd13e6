import { createSecretKey } from 'node:crypto';
import type { Pool } from 'pg';
import type { BlobKeys } from './blobs/keys.ts';
import { Cursors } from './cursor.ts';
import { readHistory } from './history.ts';
import { Ids } from './ids.ts';
import { KeyRing } from './keys/key-ring.ts';
import type { RootKey } from './keys/root-key.ts';
import type { Preparer } from './prepare.ts';
import { Reader } from './reader.ts';
import { scan } from './scan.ts';
import { SearchEngine } from './search/engine.ts';
import { Includes } from './search/include.ts';
import type { BlobStore, RecordStore } from './store.ts';
import { CodeAliases } from './tokens/code-aliases.ts';
import { KeyedHash } from './tokens/keyed-hash.ts';
import { TokenNames } from './tokens/token-names.ts';
import { Views } from './views.ts';
import { Writer } from './writer.ts';

export interface StoreOptions {
  /** For requests. */
  pool: Pool;
  /** A few connections for keys and dictionaries: apart, because requests that hold a connection may wait for those. */
  sidePool: Pool;
  rootKey: RootKey;
  /** Made with the store's keys, so it comes as a function. */
  blobs: (keys: BlobKeys) => BlobStore;
  /** Base URL below which absolute references are our own, such as `https://example.org/fhir`. */
  baseUrl?: string;
  /** Epoch milliseconds. */
  now: () => number;
}

/** The store on PostgreSQL, with what operators watch. */
export interface PostgresStore extends RecordStore {
  /** Reads, writes and views that wait for the database. */
  backlog(): number;
}

/** Opens the store on a migrated database. */
export async function openStore(options: StoreOptions): Promise<PostgresStore> {
  const { pool, now } = options;
  const keys = new KeyRing(options.sidePool, options.rootKey);
  const [indexKey, idKey, cursorKey] = [
    await keys.secret('index'),
    await keys.secret('id'),
    await keys.secret('cursor'),
  ];
  const hash = new KeyedHash(indexKey);
  const ids = new Ids(hash, idKey);
  const names = new TokenNames(hash);
  const cursors = new Cursors(createSecretKey(cursorKey));
  const views = new Views(pool, keys, now);
  const reader = new Reader(pool, ids, keys);
  const includes = new Includes({ pool, keys, names, ids, reader });
  const search = new SearchEngine({ pool, keys, ids, names, hash, cursors, views, includes, now });
  const preparer: Preparer = { ids, names, ...(options.baseUrl !== undefined && { baseUrl: options.baseUrl }) };
  const writer = new Writer({
    pool,
    keys,
    reader,
    search,
    preparer,
    now,
    aliases: new CodeAliases(options.sidePool, names),
  });
  const walk = { pool, ids, keys, cursors, views };

  return {
    async read(type, id, context) {
      const found = await reader.current({ type, id });
      if (found) await views.recordOne(found, context);
      return found?.stored;
    },
    async readMany(references, context) {
      const found = await reader.currentOf(pool, references);
      await views.recordAll(found, context);
      return found.map((version) => version?.stored);
    },
    async vread(type, id, version, context) {
      const found = await reader.version({ type, id }, version);
      if (found) await views.recordOne(found, context);
      return found?.stored;
    },
    history: (request, context) => readHistory(walk, request, context),
    search: (query, context) => search.search(query, context),
    write: (write, context) => writer.write(write, context),
    writeAll: (writes, context) => writer.writeAll(writes, context),
    scan: (request, context) => scan(walk, request, context),
    newId: (patientId) => ids.assign(ids.patient(patientId)),
    blobs: options.blobs({
      blobKey: (owner) => keys.patientKey(ids.patient(owner.patientId), 'meridian blobs'),
      ownerName: (owner) => hash.mac(`blobs/${owner.patientId ?? ''}`).toString('hex'),
    }),
    backlog: () => reader.backlog + writer.backlog + views.backlog,
    async close() {
      await Promise.all([writer.drained(), views.drained()]);
    },
  };
}
