import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { BlobOwner, BlobStore, Context } from '@meridian/records';
import type { Viewer } from '@meridian/viewing';
import { refusal } from '../http/http-error.ts';

/** The part of a PostgreSQL pool that jobs need. */
export interface Queryable {
  query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;
}

/**
 * Whose blobs a job's files are: the job's own, so that forgetting them takes nothing from anybody with equal content.
 * The slash keeps the name apart from every Patient's, whose ids have none.
 */
export function jobOwner(id: string): BlobOwner {
  return { patientId: `job/${id}` };
}

export type JobKind = 'export' | 'import';
export type JobState = 'accepted' | 'running' | 'completed' | 'failed' | 'cancelled';

/** A file that a job made or reads, in the blob store under the job's own keys. */
export interface JobFile {
  type: string;
  digest: string;
  /** Bytes. */
  size: number;
  /** Resources, or lines. */
  count: number;
}

/** What a job was asked and how far it is; sealed, because it may name patients. */
export interface JobDocument {
  /** Of the call, as its manifest repeats it. */
  request: string;
  context: Context;
  /** Who asked: what they may see is decided anew while the job works. */
  viewer: Viewer;
  /** Epoch milliseconds: of an export, the moment whose state it shows. */
  started: number;
  /** What is left to do, in the words of the job's kind. */
  plan: unknown;
  /** How far the first part of the plan is. */
  position?: unknown;
  output: JobFile[];
  error: JobFile[];
  /** Of an import: resources stored, by type. */
  stored?: Record<string, number>;
  /** For X-Progress: done so far. */
  done: number;
  /** A sentence, where it failed. */
  failure?: string;
}

export interface Job {
  id: string;
  kind: JobKind;
  state: JobState;
  expires: number;
  document: JobDocument;
}

/** How long a process that went silent keeps its job. */
const LEASE = 60_000;
/** How often a working process says that it is alive. */
export const HEARTBEAT = 15_000;
/** How long a finished job and its files can be fetched. */
const KEEP = 24 * 3600_000;
/** Jobs that may wait or run at a time. */
const MOST_OPEN = 100;

/** Jobs in PostgreSQL: they outlive the process, and of several processes one at a time works on each. */
export class Jobs {
  readonly #database: Queryable;
  readonly #blobs: BlobStore;
  readonly #now: () => number;
  #wake: () => void = () => {};

  constructor(database: Queryable, blobs: BlobStore, now: () => number) {
    this.#database = database;
    this.#blobs = blobs;
    this.#now = now;
  }

  /** Called when a job arrives. */
  onArrival(wake: () => void): void {
    this.#wake = wake;
  }

  /** The id of a job to come, for files that it will own. */
  newId(): string {
    return randomUUID();
  }

  async create(kind: JobKind, id: string, document: JobDocument): Promise<void> {
    const { rows } = await this.#query(
      `SELECT count(*)::int AS open FROM job WHERE state IN ('accepted', 'running')`,
      [],
    );
    if (Number(rows[0]?.open) >= MOST_OPEN) {
      throw refusal(429, 'throttled', 'Too many bulk jobs are waiting; try again later.', { 'retry-after': '60' });
    }
    const now = this.#now();
    await this.#query(
      `INSERT INTO job (id, kind, state, document, lease, created, expires) VALUES ($1, $2, 'accepted', $3, 0, $4, $5)`,
      [id, kind, await this.#keep(id, document), now, now + KEEP],
    );
    this.#wake();
  }

  async find(kind: JobKind, id: string): Promise<Job | undefined> {
    if (!UUID.test(id)) return undefined;
    const { rows } = await this.#query('SELECT * FROM job WHERE id = $1 AND kind = $2 AND expires > $3', [
      id,
      kind,
      this.#now(),
    ]);
    return rows[0] ? this.#open(rows[0]) : undefined;
  }

  /** The oldest job that nobody works on, now leased to the caller; undefined where there is none. */
  async take(): Promise<Job | undefined> {
    const now = this.#now();
    const { rows } = await this.#query(
      `UPDATE job SET state = 'running', lease = $1 WHERE id = (
         SELECT id FROM job WHERE state IN ('accepted', 'running') AND lease < $2 AND expires > $2
          ORDER BY created LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING *`,
      [now + LEASE, now],
    );
    return rows[0] ? this.#open(rows[0]) : undefined;
  }

  /**
   * Records how far a job is and renews the lease. False: it was cancelled, or another process took it; stop then.
   * The new document is durable before the old one is given up, so a crash leaves one of the two.
   */
  async save(job: Job, state: JobState = 'running'): Promise<boolean> {
    const { rows: before } = await this.#query(`SELECT document FROM job WHERE id = $1 AND state = 'running'`, [
      job.id,
    ]);
    const digest = await this.#keep(job.id, job.document);
    const now = this.#now();
    const { rowCount } = await this.#query(
      `UPDATE job SET state = $2, document = $3, lease = $4, expires = $5 WHERE id = $1 AND state = 'running'`,
      [job.id, state, digest, state === 'running' ? now + LEASE : 0, now + KEEP],
    );
    const saved = rowCount === 1;
    const obsolete = saved ? before[0]?.document : digest;
    if (typeof obsolete === 'string' && (!saved || obsolete !== digest))
      await this.#blobs.release(jobOwner(job.id), obsolete);
    return saved;
  }

  /** Says that this process is still at work on a job. */
  async renew(job: Job): Promise<void> {
    await this.#query(`UPDATE job SET lease = $2 WHERE id = $1 AND state = 'running'`, [job.id, this.#now() + LEASE]);
  }

  /** Gives a job back so that any process may go on with it, at once. */
  async giveBack(job: Job): Promise<void> {
    await this.#query(`UPDATE job SET lease = 0 WHERE id = $1 AND state = 'running'`, [job.id]);
  }

  /** Ends a job and forgets its files. */
  async cancel(job: Job): Promise<void> {
    await this.#query(`UPDATE job SET state = 'cancelled', expires = 0 WHERE id = $1`, [job.id]);
    await this.sweep();
  }

  /** Forgets jobs whose time is over, with their files. */
  async sweep(): Promise<void> {
    const { rows } = await this.#query(
      `SELECT * FROM job WHERE expires <= $1 AND (state NOT IN ('accepted', 'running') OR lease < $1) LIMIT 100`,
      [this.#now()],
    );
    for (const row of rows) {
      const job = await this.#open(row);
      for (const file of filesOf(job.document)) await this.#blobs.release(jobOwner(job.id), file.digest);
      await this.#blobs.release(jobOwner(job.id), String(row.document));
      await this.#query('DELETE FROM job WHERE id = $1', [job.id]);
    }
  }

  async #open(row: Record<string, unknown>): Promise<Job> {
    const found = await this.#blobs.get(jobOwner(String(row.id)), String(row.document));
    if (!found) throw refusal(500, 'exception', 'The description of a bulk job is missing from the blob store.');
    const { document } = JSON.parse((await buffer(found.content)).toString('utf8')) as { document: JobDocument };
    return {
      id: String(row.id),
      kind: row.kind as JobKind,
      state: row.state as JobState,
      expires: Number(row.expires),
      document,
    };
  }

  /** The random id inside keeps two documents apart, and the digest in the table from being tested against guesses. */
  async #keep(id: string, document: JobDocument): Promise<string> {
    const bytes = Buffer.from(JSON.stringify({ id, document }));
    return (await this.#blobs.put(jobOwner(id), Readable.from([bytes]), Number.MAX_SAFE_INTEGER)).digest;
  }

  #query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }> {
    return this.#database.query(text, values);
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Every file that a job still holds: what it made, and what an import has not read to the end. */
function filesOf(document: JobDocument): readonly JobFile[] {
  const { files = [] } = document.plan as { files?: readonly JobFile[] };
  return [...document.output, ...document.error, ...files];
}
