import { Readable } from 'node:stream';
import type { RecordStore, StoredVersion, ViewContext } from '@meridian/records';
import { keptContentOf } from '@meridian/records';
import type { VisibilityOf } from '../access/visibility-of.ts';
import { jsonStream } from '../fhir/binary.ts';
import { parseStored } from '../fhir/outgoing.ts';
import type { ExportPlan, ExportPosition } from './export-plan.ts';
import { type Job, type Jobs, jobOwner } from './jobs.ts';

/** A file is closed after this many resources: each closed file is a point from which a restart goes on. */
const FILE_RESOURCES = 20_000;
/** Ids of the resources sent last that are remembered. */
const MOST_RECENT = 100_000;
const NEWLINE = Buffer.from('\n');

export interface ExportParts {
  store: RecordStore;
  jobs: Jobs;
  visibilityOf: VisibilityOf;
  /** Epoch milliseconds. */
  now: () => number;
}

/**
 * Carries out an export, from wherever it stands. The state shown is that of the job's start: what changed later is taken
 * as it was then, from its history.
 * What the caller may see is asked anew for each batch.
 *
 * @param stopping asked between batches; when true, the work so far is kept and the job given back
 */
export async function runExport(job: Job, parts: ExportParts, stopping: () => boolean): Promise<void> {
  const { store, jobs, now } = parts;
  const { context, viewer } = job.document;
  const seen: ViewContext = { ...context, visibility: parts.visibilityOf(viewer) };
  const plan = job.document.plan as ExportPlan;
  let recent = new Set<string>();
  while (plan.types.length > 0) {
    if (stopping()) return jobs.giveBack(job);
    const file = new ExportFile(job, plan, store, seen, now, recent);
    const info = await store.blobs.put(jobOwner(job.id), Readable.from(file.lines(stopping)), Number.MAX_SAFE_INTEGER);
    if (file.count > 0) {
      job.document.output.push({ type: plan.types[0] ?? '', digest: info.digest, size: info.size, count: file.count });
      job.document.done += file.count;
    } else await store.blobs.release(jobOwner(job.id), info.digest);
    if (file.exhausted) {
      plan.types.shift();
      delete job.document.position;
      recent = new Set();
    } else if (file.position) job.document.position = file.position;
    if (!(await jobs.save(job))) return;
  }
  await jobs.save(job, 'completed');
}

/** The next file of the type under way. */
class ExportFile {
  count = 0;
  exhausted = false;
  position: ExportPosition | undefined;
  readonly #job: Job;
  readonly #plan: ExportPlan;
  readonly #store: RecordStore;
  readonly #context: ViewContext;
  readonly #now: () => number;
  readonly #recent: Set<string>;
  readonly #batches: ExportPosition['batches'];

  constructor(
    job: Job,
    plan: ExportPlan,
    store: RecordStore,
    context: ViewContext,
    now: () => number,
    recent: Set<string>,
  ) {
    this.#job = job;
    this.#plan = plan;
    this.#store = store;
    this.#context = context;
    this.#now = now;
    this.#recent = recent;
    this.#batches = [...((job.document.position as ExportPosition | undefined)?.batches ?? [])];
  }

  async *lines(stopping: () => boolean): AsyncGenerator<Buffer> {
    const { position } = this.#job.document;
    const { patients, since, types } = this.#plan;
    const cursor = (position as ExportPosition | undefined)?.cursor;
    const batches = this.#store.scan(
      {
        type: types[0] ?? '',
        ...(patients && { patients }),
        ...(since !== undefined && { since }),
        ...(cursor !== undefined && { cursor }),
      },
      this.#context,
    );
    for await (const batch of batches) {
      const readAt = this.#now();
      for (const version of batch.versions) yield* this.#line(version);
      const last = batch.versions.at(-1);
      if (last) this.#batches.push([last.lastUpdated, readAt]);
      this.position = { cursor: batch.cursor, batches: this.#batches };
      if (this.count >= FILE_RESOURCES || stopping()) return;
    }
    this.exhausted = true;
  }

  async *#line(version: StoredVersion): AsyncGenerator<Buffer> {
    const shown = version.lastUpdated <= this.#job.document.started ? version : await this.#before(version);
    if (!shown?.json) return;
    this.count++;
    this.#remember(shown.id);
    const kept = shown.type === 'Binary' ? keptContentOf(parseStored(shown)) : undefined;
    if (kept) yield* await jsonStream(parseStored(shown), kept, { store: this.#store });
    else yield shown.json;
    yield NEWLINE;
  }

  /**
   * The version that stood when the export began, of a resource that was changed since; undefined where the resource is
   * newer, or where that version was read and sent before the change.
   */
  async #before(version: StoredVersion): Promise<StoredVersion | undefined> {
    const { type, id } = version;
    const { started } = this.#job.document;
    const context = this.#context;
    const page = await this.#store.history({ type, id, at: started, count: 1 }, context);
    const old = page.versions.find((each) => each.lastUpdated <= started && !each.deleted);
    if (!old) return undefined;
    const change =
      version.version === old.version + 1 ? version : await this.#store.vread(type, id, old.version + 1, context);
    return change && this.#wasSent(old, change) ? undefined : old;
  }

  /**
   * Whether the old version was sent before it was changed: it is among those sent last, or its change came after its
   * batch had been read. Where neither can be told (a change at the very moment of the reading, long ago), it is sent
   * again: a resource twice in an export is harmless, a missing one is not.
   */
  #wasSent(old: StoredVersion, change: StoredVersion): boolean {
    if (this.#recent.has(old.id)) return true;
    const batch = this.#batches.find(([upTo]) => upTo > old.lastUpdated) ?? this.#batches.at(-1);
    return batch !== undefined && change.lastUpdated > batch[1];
  }

  #remember(id: string): void {
    this.#recent.add(id);
    if (this.#recent.size <= MOST_RECENT) return;
    for (const oldest of this.#recent) {
      this.#recent.delete(oldest);
      return;
    }
  }
}
