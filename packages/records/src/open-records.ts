import { join } from 'node:path';
import { openBlobs } from './blobs/open-blobs.ts';
import { ChangeFeed } from './changes/change-feed.ts';
import { ImportPool } from './import/import-pool.ts';
import { openRootKey } from './keys/root-key.ts';
import type { LabelRules } from './labels.ts';
import type { Database } from './postgres/database.ts';
import { type PostgresStore, storeOf } from './postgres-store.ts';
import type { BulkImport } from './store.ts';
import { openStoreParts } from './store-parts.ts';
import { openVault } from './vault/open-vault.ts';
import type { PostgresVault } from './vault/postgres-vault.ts';

export interface OpenRecordsOptions {
  /** Migrated. */
  database: Database;
  /** `MERIDIAN_DATA`. */
  dataFolder: string;
  /** `MERIDIAN_ROOT_KEY`; default `file:<data>/keys/root.key`. */
  rootKey?: string;
  /** `MERIDIAN_BLOBS`; default `file:<data>/blobs`. */
  blobs?: string;
  /** Where `env:` root keys are looked up; default `process.env`. */
  environment?: NodeJS.ProcessEnv;
  baseUrl?: string;
  /** Which codes label a record, beside what its `meta.security` says (see labels.ts); none by default. */
  labels?: LabelRules;
  /** Epoch milliseconds; default the clock. */
  now?: () => number;
  /** Connections for requests. */
  poolSize?: number;
}

/** The store and the way in for whole archives. */
export interface Records {
  store: PostgresStore;
  bulk: BulkImport;
  vault: PostgresVault;
  /** Finishes what was accepted. The database stays open. */
  close(): Promise<void>;
}

/** The record store as an installation runs it: database, root key and blobs together. */
export async function openRecords(options: OpenRecordsOptions): Promise<Records> {
  const { database, dataFolder } = options;
  const keyFolder = join(dataFolder, 'keys');
  const rootKeyName = options.rootKey ?? `file:${join(keyFolder, 'root.key')}`;
  const rootKey = openRootKey(rootKeyName, keyFolder, options.environment ?? process.env);
  const baseUrl = options.baseUrl ?? 'http://localhost:8080/fhir';
  const labels = options.labels ?? [];
  const folder = blobFolder(options.blobs ?? `file:${join(dataFolder, 'blobs')}`);
  const parts = await openStoreParts({
    pool: database.pool({ size: options.poolSize ?? 12, name: 'meridian' }),
    sidePool: database.pool({ size: 3, name: 'meridian keys' }),
    rootKey,
    now: options.now ?? Date.now,
    baseUrl,
    labels,
  });
  const changes = new ChangeFeed(database.connection);
  await changes.open();
  const store = storeOf(parts, (keys) => openBlobs(folder, keys), changes);
  const { vault, close: closeVault } = await openVault(database, parts);
  const bulk = new ImportPool({
    connection: database.connection,
    rootKey: rootKeyName,
    keyFolder,
    blobFolder: folder,
    baseUrl,
    labels,
  });
  return {
    store,
    bulk,
    vault,
    async close() {
      await bulk.close();
      await closeVault();
      await changes.close();
      await store.close();
    },
  };
}

function blobFolder(specification: string): string {
  if (specification.startsWith('file:')) return specification.slice('file:'.length);
  throw new RangeError('MERIDIAN_BLOBS must begin with file: for now; object stores (s3://) are not supported yet.');
}
