import { createSecretKey } from 'node:crypto';
import type { Pool } from 'pg';
import type { BlobKeys } from './blobs/keys.ts';
import { Cursors } from './cursor.ts';
import { Ids } from './ids.ts';
import { KeyRing } from './keys/key-ring.ts';
import type { RootKey } from './keys/root-key.ts';
import type { LabelRules } from './labels.ts';
import type { Preparer } from './prepare.ts';
import { Reader } from './reader.ts';
import { SearchEngine } from './search/engine.ts';
import { Includes } from './search/include.ts';
import { CodeAliases } from './tokens/code-aliases.ts';
import { KeyedHash } from './tokens/keyed-hash.ts';
import { TokenNames } from './tokens/token-names.ts';
import { Views } from './views.ts';
import { Judge } from './visibility/judge.ts';

export interface StorePartsOptions {
  /** For requests. */
  pool: Pool;
  /** A few connections for keys and dictionaries: apart, because requests that hold a connection may wait for those. */
  sidePool: Pool;
  rootKey: RootKey;
  /** Base URL below which absolute references are our own, such as `https://example.org/fhir`. */
  baseUrl: string;
  /** Which codes label a record; none by default. */
  labels?: LabelRules;
  /** Epoch milliseconds. */
  now: () => number;
}

/** What reading, searching and writing are made of; the server's store and each import worker have a set of their own. */
export interface StoreParts {
  pool: Pool;
  hash: KeyedHash;
  ids: Ids;
  names: TokenNames;
  keys: KeyRing;
  cursors: Cursors;
  views: Views;
  reader: Reader;
  search: SearchEngine;
  preparer: Preparer;
  aliases: CodeAliases;
  judge: Judge;
  now: () => number;
}

/** Puts the parts together; makes the installation's secrets when there are none yet. */
export async function openStoreParts(options: StorePartsOptions): Promise<StoreParts> {
  const { pool, sidePool, baseUrl, now, labels = [] } = options;
  const keys = new KeyRing(sidePool, options.rootKey);
  const hash = new KeyedHash(await keys.secret('index'));
  const ids = new Ids(hash, await keys.secret('id'));
  const cursors = new Cursors(createSecretKey(await keys.secret('cursor')));
  const names = new TokenNames(hash);
  const views = new Views(pool, keys, now);
  const reader = new Reader(pool, ids, keys);
  const includes = new Includes({ pool, keys, ids, names, reader, baseUrl });
  const judge = new Judge({ pool, keys, ids, baseUrl, labels });
  const search = new SearchEngine({ pool, keys, ids, names, hash, cursors, views, includes, judge, baseUrl });
  const aliases = new CodeAliases(sidePool, names);
  return {
    pool,
    hash,
    ids,
    names,
    keys,
    cursors,
    views,
    reader,
    search,
    preparer: { ids, names, baseUrl, labels },
    aliases,
    judge,
    now,
  };
}

/** Blobs are sealed under a key derived from their patient's, in folders named by a keyed token of the patient's id. */
export function blobKeysOf({ keys, ids, hash }: StoreParts): BlobKeys {
  return {
    blobKey: (owner) => keys.patientKey(ids.patient(owner.patientId), 'meridian blobs'),
    ownerName: (owner) => hash.mac(`blobs/${owner.patientId ?? ''}`).toString('hex'),
  };
}
