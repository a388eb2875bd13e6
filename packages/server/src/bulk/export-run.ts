import { Readable } from 'node:stream';
import type { RecordStore, StoredVersion } from '@meridian/records';
import { jsonStream } from '../fhir/binary.ts';
import { keptContentOf } from '../fhir/binary-content.ts';
import { parseStored } from '../fhir/outgoing.ts';
import type { ExportPlan, ExportPosition } from './export-plan.ts';
import type { Job, Jobs } from './jobs.ts';

/** A file is closed after this many resources: each closed file is a point from which a restart goes on. */
const FILE_RESOURCES = 20_000;
const NEWLINE = Buffer.from('\n');

/**
 * Carries out an export, from wherever it stands. The state shown is that of the job's start: what changed later is taken
 * as it was then, from its history.
 *
 * @param stopping asked between batches; when true, the work so far is kept and the job given back
 */
export async function runExport(job: Job, store: RecordStore, jobs: Jobs, stopping: () => boolean): Promise<void> {
  const plan = job.document.plan as ExportPlan;
  while (plan.types.length > 0) {
    if (stopping()) return jobs.giveBack(job);
    const file = new ExportFile(job, plan, store);
    const info = await store.blobs.put({}, Readable.from(file.lines(stopping)), Number.MAX_SAFE_INTEGER);
    if (file.count > 0) {
      job.document.output.push({ type: plan.types[0] ?? '', digest: info.digest, size: info.size, count: file.count });
      job.document.done += file.count;
    } else await store.blobs.release({}, info.digest);
    if (file.exhausted) {
      plan.types.shift();
      delete job.document.position;
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

  constructor(job: Job, plan: ExportPlan, store: RecordStore) {
    this.#job = job;
    this.#plan = plan;
    this.#store = store;
  }

  async *lines(stopping: () => boolean): AsyncGenerator<Buffer> {
    const { context, position } = this.#job.document;
    const { patients, since, types } = this.#plan;
    const cursor = (position as ExportPosition | undefined)?.cursor;
    const batches = this.#store.scan(
      {
        type: types[0] ?? '',
        ...(patients && { patients }),
        ...(since !== undefined && { since }),
        ...(cursor !== undefined && { cursor }),
      },
      context,
    );
    for await (const batch of batches) {
      for (const version of batch.versions) yield* this.#line(version);
      this.position = { cursor: batch.cursor };
      if (this.count >= FILE_RESOURCES || stopping()) return;
    }
    this.exhausted = true;
  }

  async *#line(version: StoredVersion): AsyncGenerator<Buffer> {
    const shown = version.lastUpdated <= this.#job.document.started ? version : await this.#before(version);
    if (!shown?.json) return;
    this.count++;
    const kept = shown.type === 'Binary' ? keptContentOf(parseStored(shown)) : undefined;
    if (kept) yield* await jsonStream(parseStored(shown), kept, { store: this.#store });
    else yield shown.json;
    yield NEWLINE;
  }

  /** The version that stood when the export began; undefined where the resource is newer. */
  async #before(version: StoredVersion): Promise<StoredVersion | undefined> {
    const { type, id } = version;
    const { started, context } = this.#job.document;
    const page = await this.#store.history({ type, id, at: started, count: 1 }, context);
    return page.versions.find((each) => each.lastUpdated <= started && !each.deleted);
  }
}
