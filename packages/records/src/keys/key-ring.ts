import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { type RootKey, unwrapKey, wrapKey } from './root-key.ts';

/** Which key seals something: the patient's number and the bucket (retention class × year). */
export interface BucketId {
  patient: bigint;
  bucket: number;
}

/**
 * The key tree below the root (DESIGN §4): epoch key → patient key → bucket key. Keys are made when first asked for,
 * in a transaction of their own that is durable before anything is sealed with them; a key without data is harmless.
 */
export class KeyRing {
  readonly #pool: Pool;
  readonly #root: RootKey;
  readonly #patients: LRUCache<bigint, KeyObject>;
  readonly #buckets: LRUCache<string, KeyObject>;

  constructor(pool: Pool, root: RootKey, cached = 100_000) {
    this.#pool = pool;
    this.#root = root;
    this.#patients = new LRUCache({ max: cached });
    this.#buckets = new LRUCache({ max: cached });
  }

  /** A secret of the installation by name (32 random bytes, made once). */
  async secret(name: string): Promise<Buffer> {
    const made = this.#root.wrap(randomBytes(32), `secret/${name}`);
    await this.#pool.query('INSERT INTO keys.secret VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
      name,
      made.epoch,
      made.wrapped,
    ]);
    const { rows } = await this.#pool.query<{ epoch: number; wrapped: Buffer }>(
      'SELECT epoch, wrapped FROM keys.secret WHERE name = $1',
      [name],
    );
    const row = rows[0];
    if (!row) throw new Error(`secret ${name} vanished while it was read`);
    return this.#root.unwrap(row.epoch, row.wrapped, `secret/${name}`);
  }

  /** The key if it is cached: the hot path asks this first and spares itself a promise. */
  cached(id: BucketId): KeyObject | undefined {
    return this.#buckets.get(cacheName(id));
  }

  /** The keys of many buckets, in the order asked; missing ones are made. */
  async bucketKeys(ids: readonly BucketId[]): Promise<KeyObject[]> {
    const missing = new Map<string, BucketId>();
    for (const id of ids) if (!this.cached(id)) missing.set(cacheName(id), id);
    if (missing.size > 0) await this.#load([...missing.values()], true);
    return ids.map((id) => this.#must(id));
  }

  /** Like `bucketKeys`, but makes none: a bucket whose key was destroyed gives undefined. */
  async existingKeys(ids: readonly BucketId[]): Promise<(KeyObject | undefined)[]> {
    const missing = new Map<string, BucketId>();
    for (const id of ids) if (!this.cached(id)) missing.set(cacheName(id), id);
    if (missing.size > 0) await this.#load([...missing.values()], false);
    return ids.map((id) => this.cached(id));
  }

  /** A key derived from the patient's own (HKDF, RFC 5869), for what lives outside the database, such as blobs. */
  async patientKey(patient: bigint, purpose: string): Promise<KeyObject> {
    await this.#loadPatients([patient], true);
    const key = this.#patients.get(patient);
    if (!key) throw new Error('a patient key vanished from the cache while it was used');
    return createSecretKey(Buffer.from(hkdfSync('sha256', key.export(), '', purpose, 32)));
  }

  /** Drops a patient's keys from the cache, after they were destroyed or wrapped anew. */
  forget(patient: bigint): void {
    this.#patients.delete(patient);
    for (const name of this.#buckets.keys()) if (name.startsWith(`${patient}/`)) this.#buckets.delete(name);
  }

  #must(id: BucketId): KeyObject {
    const key = this.cached(id);
    if (!key) throw new Error('more keys are needed at once than the key cache holds');
    return key;
  }

  async #load(ids: readonly BucketId[], make: boolean): Promise<void> {
    await this.#loadPatients([...new Set(ids.map((id) => id.patient))], make);
    // without its patient's key, which was destroyed, a bucket key opens nothing
    const found = await this.#readBuckets(make ? ids : ids.filter((id) => this.#patients.has(id.patient)));
    if (!make || found === ids.length) return;
    const absent = inOrder(ids.filter((id) => !this.cached(id)));
    await this.#pool.query(
      `INSERT INTO keys.bucket SELECT * FROM unnest($1::int8[], $2::int4[], $3::bytea[]) ON CONFLICT DO NOTHING`,
      [
        absent.map((id) => id.patient),
        absent.map((id) => id.bucket),
        absent.map((id) => wrapKey(this.#patientOf(id), randomBytes(32), cacheName(id))),
      ],
    );
    // read back: another process may have been first
    await this.#readBuckets(absent);
  }

  async #readBuckets(ids: readonly BucketId[]): Promise<number> {
    const { rows } = await this.#pool.query<{ patient: bigint; bucket: number; wrapped: Buffer }>(
      `SELECT k.patient, k.bucket, k.wrapped
         FROM unnest($1::int8[], $2::int4[]) AS i(patient, bucket)
         JOIN keys.bucket k USING (patient, bucket)`,
      [ids.map((id) => id.patient), ids.map((id) => id.bucket)],
    );
    for (const row of rows) {
      const id = { patient: BigInt(row.patient), bucket: row.bucket };
      this.#buckets.set(cacheName(id), createSecretKey(unwrapKey(this.#patientOf(id), row.wrapped, cacheName(id))));
    }
    return rows.length;
  }

  #patientOf(id: BucketId): KeyObject {
    const key = this.#patients.get(id.patient);
    if (!key) throw new Error('a bucket key exists whose patient key does not');
    return key;
  }

  async #loadPatients(patients: readonly bigint[], make: boolean): Promise<void> {
    const absent = patients.filter((patient) => !this.#patients.has(patient));
    if (absent.length === 0) return;
    const found = await this.#readPatients(absent);
    if (!make || found === absent.length) return;
    const fresh = absent.filter((patient) => !this.#patients.has(patient)).sort((a, b) => (a < b ? -1 : 1));
    const made = fresh.map((patient) => this.#root.wrap(randomBytes(32), `patient/${patient}`));
    await this.#pool.query(
      'INSERT INTO keys.patient SELECT * FROM unnest($1::int8[], $2::int4[], $3::bytea[]) ON CONFLICT DO NOTHING',
      [fresh, made.map((key) => key.epoch), made.map((key) => key.wrapped)],
    );
    await this.#readPatients(fresh);
  }

  async #readPatients(patients: readonly bigint[]): Promise<number> {
    const { rows } = await this.#pool.query<{ patient: bigint; epoch: number; wrapped: Buffer }>(
      'SELECT patient, epoch, wrapped FROM keys.patient WHERE patient = ANY($1::int8[])',
      [patients],
    );
    for (const row of rows) {
      const patient = BigInt(row.patient);
      const plain = this.#root.unwrap(row.epoch, row.wrapped, `patient/${patient}`);
      this.#patients.set(patient, createSecretKey(plain));
    }
    return rows.length;
  }
}

/** Keys are written in one order everywhere, so that two processes that make the same ones cannot wait for each other. */
function inOrder(ids: readonly BucketId[]): BucketId[] {
  return [...ids].sort((a, b) => (a.patient === b.patient ? a.bucket - b.bucket : a.patient < b.patient ? -1 : 1));
}

function cacheName(id: BucketId): string {
  return `${id.patient}/${id.bucket}`;
}
