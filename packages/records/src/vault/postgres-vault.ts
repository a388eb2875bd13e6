import type { KeyObject } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { answering } from '../availability.ts';
import type { EventContent } from '../events/event.ts';
import { type SealedEvent, sealEvents, writeEvents } from '../events/outbox.ts';
import type { Ids } from '../ids.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { open, seal } from '../sealing/seal.ts';
import { int8Array } from '../sql/binary-array.ts';
import { inTransaction, prepared, run } from '../sql/run.ts';
import type { KeyedHash } from '../tokens/keyed-hash.ts';
import { CHANNEL, notificationOf } from './change-channel.ts';
import { checkNames, decodeDocument, documentBucket, documentPlace, encodeDocument } from './document-seal.ts';
import { VAULT_KINDS } from './kinds.ts';
import {
  type Vault,
  type VaultChange,
  VaultConflict,
  type VaultContent,
  type VaultDocument,
  type VaultEvent,
  type VaultKind,
} from './vault.ts';

export interface PostgresVaultOptions {
  pool: Pool;
  keys: KeyRing;
  ids: Ids;
  hash: KeyedHash;
  /** Epoch milliseconds. */
  now: () => number;
  /** Seals notifications to other processes. */
  notifyKey: KeyObject;
}

interface Row {
  name: bigint;
  patient: bigint;
  expires: bigint | null;
  revision: number;
  bucket: number;
  body: Buffer;
}

const COLUMNS = 'name, patient, expires, revision, bucket, body';
const GET = prepared(
  `SELECT ${COLUMNS} FROM sealed_document WHERE kind = $1 AND name = $2 AND (expires IS NULL OR expires > $3)`,
);
// the second CTE makes the order, not the index, decide how the few rows of one lookup are sorted
const FIND = prepared(
  `WITH found AS MATERIALIZED (
     SELECT ${COLUMNS}, changed FROM sealed_document
      WHERE lookups @> ARRAY[$2::int8] AND kind = $1 AND (expires IS NULL OR expires > $3)
   )
   SELECT ${COLUMNS} FROM found
    WHERE $4::int8 IS NULL OR changed < (SELECT changed FROM sealed_document WHERE kind = $1 AND name = $4::int8)
    ORDER BY changed DESC LIMIT $5`,
);
const STANDING = prepared(
  'SELECT revision, patient, expires FROM sealed_document WHERE kind = $1 AND name = $2 FOR UPDATE',
);
const PUT = prepared(
  `INSERT INTO sealed_document (kind, name, patient, expires, revision, bucket, lookups, body)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
   ON CONFLICT (kind, name) DO UPDATE SET expires = excluded.expires, revision = excluded.revision,
     bucket = excluded.bucket, lookups = excluded.lookups, body = excluded.body, changed = DEFAULT
   WHERE sealed_document.revision = $9`,
);
const REMOVE = prepared('DELETE FROM sealed_document WHERE kind = $1 AND name = $2');
const NOTIFY = prepared(`SELECT pg_notify('${CHANNEL}', $1)`);
const SWEEP = prepared(
  `DELETE FROM sealed_document WHERE (kind, name) IN
     (SELECT kind, name FROM sealed_document WHERE expires <= $1 ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED)
   RETURNING 1 AS gone`,
);

type Listener = (kind: VaultKind, id: string) => void;

/** The vault on PostgreSQL (migrations/*-vault.sql). */
export class PostgresVault implements Vault {
  readonly #options: PostgresVaultOptions;
  readonly #listeners = new Set<Listener>();
  readonly #hearingListeners = new Set<(hearing: boolean) => void>();
  #hearing = false;

  constructor(options: PostgresVaultOptions) {
    this.#options = options;
  }

  get<Content extends VaultContent>(kind: VaultKind, id: string): Promise<VaultDocument<Content> | undefined> {
    return answering(async () => {
      const { pool, now } = this.#options;
      const [row] = await run<Row>(pool, GET, [VAULT_KINDS[kind], this.#name(kind, id), now()]);
      const [found] = row === undefined ? [] : await this.#open<Content>(kind, [row]);
      // two ids with one token: never seen, never mistaken
      return found?.id === id ? found : undefined;
    });
  }

  find<Content extends VaultContent>(
    kind: VaultKind,
    lookup: string,
    limit = 100,
    after?: string,
  ): Promise<VaultDocument<Content>[]> {
    return answering(async () => {
      const { pool, now } = this.#options;
      const rows = await run<Row>(pool, FIND, [
        VAULT_KINDS[kind],
        this.#lookup(kind, lookup),
        now(),
        after === undefined ? null : this.#name(kind, after),
        Math.min(limit, 1000),
      ]);
      return this.#open<Content>(kind, rows);
    });
  }

  change(changes: readonly VaultChange[], events: readonly VaultEvent[] = []): Promise<void> {
    return answering(async () => {
      for (const change of changes) checkNames(change.id, change.op === 'put' ? (change.lookups ?? []) : []);
      const sealedEvents = await this.#sealEvents(events);
      const { pool, keys, ids, now } = this.#options;
      const at = now();
      // keys are made outside the transaction, in one durable of their own
      const buckets = changes.map((change) => {
        const patient = ids.patient(change.op === 'put' ? change.patientId : undefined);
        return { patient, bucket: documentBucket(patient !== 0n, at) };
      });
      const ring = await keys.bucketKeys(buckets);
      await inTransaction(pool, async (client) => {
        // in one order everywhere, so that two changes cannot wait for each other
        const order = changes.map((_, i) => i).sort((a, b) => this.#compare(changes[a], changes[b]));
        for (const i of order) {
          const [change, key, place] = [changes[i], ring[i], buckets[i]];
          if (change && key && place) await this.#carryOut(client, change, key, place, at);
        }
        if (sealedEvents.length > 0) await writeEvents(client, sealedEvents);
        for (const { kind, id } of changes) {
          await run(client, NOTIFY, [notificationOf(this.#options.notifyKey, kind, id)]);
        }
      });
      for (const { kind, id } of changes) this.heard(kind, id);
    });
  }

  onChanged(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Told whether changes of other processes can be heard: while not, nothing read here may be remembered. */
  onHearing(listener: (hearing: boolean) => void): () => void {
    this.#hearingListeners.add(listener);
    listener(this.#hearing);
    return () => this.#hearingListeners.delete(listener);
  }

  async sweep(limit: number): Promise<number> {
    const { pool, now } = this.#options;
    return answering(async () => (await run(pool, SWEEP, [now(), limit])).length);
  }

  /** A change that was committed, here or elsewhere. */
  heard(kind: VaultKind, id: string): void {
    for (const listener of this.#listeners) listener(kind, id);
  }

  hearing(hearing: boolean): void {
    this.#hearing = hearing;
    for (const listener of this.#hearingListeners) listener(hearing);
  }

  async #carryOut(
    client: PoolClient,
    change: VaultChange,
    key: KeyObject,
    place: { patient: bigint; bucket: number },
    at: number,
  ): Promise<void> {
    const kind = VAULT_KINDS[change.kind];
    const name = this.#name(change.kind, change.id);
    const [standing] = await run<{ revision: number; patient: bigint; expires: bigint | null }>(client, STANDING, [
      kind,
      name,
    ]);
    const alive = standing !== undefined && (standing.expires === null || standing.expires > BigInt(at));
    if (change.revision !== undefined && change.revision !== (alive ? standing.revision : 0)) throw new VaultConflict();
    if (change.op === 'remove') {
      await run(client, REMOVE, [kind, name]);
      return;
    }
    if (alive && standing.patient !== place.patient) {
      throw new RangeError('A document of the vault cannot move from one patient to another.');
    }
    if (standing && standing.patient !== place.patient) await run(client, REMOVE, [kind, name]);
    const revision = (standing?.revision ?? 0) + 1;
    const plain = encodeDocument(change.id, change.content);
    const body = seal(key, plain, documentPlace({ kind, name, revision, ...place }));
    const lookups = (change.lookups ?? []).map((lookup) => this.#lookup(change.kind, lookup));
    const values = [
      kind,
      name,
      place.patient,
      change.expires ?? null,
      revision,
      place.bucket,
      int8Array(lookups),
      body,
    ];
    const put = await client.query({ ...PUT, values: [...values, standing?.revision ?? 0] });
    // somebody else was first with a new document
    if (put.rowCount !== 1) throw new VaultConflict();
  }

  async #open<Content extends VaultContent>(kind: VaultKind, rows: readonly Row[]): Promise<VaultDocument<Content>[]> {
    const ring = await this.#options.keys.existingKeys(rows);
    return rows.flatMap((row, i) => {
      const key = ring[i];
      // the patient was erased
      if (key === undefined) return [];
      const plain = open(key, row.body, documentPlace({ ...row, kind: VAULT_KINDS[kind] }));
      const { id, content } = decodeDocument(plain);
      const expires = row.expires === null ? undefined : Number(row.expires);
      return [{ id, content: content as Content, revision: row.revision, expires }];
    });
  }

  #sealEvents(events: readonly VaultEvent[]): Promise<SealedEvent[]> {
    const { keys, ids, now } = this.#options;
    const at = now();
    return sealEvents(
      keys,
      events.map(({ patientId, kind, context, subjects }) => {
        const content: EventContent = { kind, at, context, subjects };
        return { patient: ids.patient(patientId), content };
      }),
    );
  }

  #compare(a: VaultChange | undefined, b: VaultChange | undefined): number {
    if (!a || !b || a === b) return 0;
    const [left, right] = [this.#name(a.kind, a.id), this.#name(b.kind, b.id)];
    return left < right ? -1 : left > right ? 1 : 0;
  }

  #name(kind: VaultKind, id: string): bigint {
    return this.#options.hash.token(`vault/${kind}/${id}`);
  }

  #lookup(kind: VaultKind, lookup: string): bigint {
    return this.#options.hash.token(`vault/${kind}?${lookup}`);
  }
}
