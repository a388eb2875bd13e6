import { Readable } from 'node:stream';
import { operationOutcome } from '@meridian/fhir';
import type { BulkImport, ImportReport, RecordStore } from '@meridian/records';
import type { ImportPlan, ImportPosition } from './import-start.ts';
import { type Job, type Jobs, jobOwner } from './jobs.ts';
import { ndjsonUnits } from './ndjson-units.ts';

/**
 * Carries out an import, from wherever it stands. A unit that was imported but not yet recorded as done is imported
 * again after a crash, which stores nothing twice: resources keep their ids.
 */
export async function runImport(
  job: Job,
  store: RecordStore,
  bulk: BulkImport,
  jobs: Jobs,
  stopping: () => boolean,
): Promise<void> {
  const plan = job.document.plan as ImportPlan;
  for (let file = plan.files[0]; file; file = plan.files[0]) {
    const position = (job.document.position ?? { offset: 0, lines: 0 }) as ImportPosition;
    const found = await store.blobs.get(jobOwner(job.id), file.digest, { start: position.offset, end: file.size });
    if (!found) return fail(job, jobs, 'An uploaded file is missing from the blob store; upload it again.');
    for await (const unit of ndjsonUnits(found.content)) {
      const report = await bulk.run({ format: 'ndjson', body: unit.body }, job.document.context);
      await keepReport(job, report, position.lines, store);
      position.offset += unit.bytes;
      position.lines += unit.lines;
      job.document.position = position;
      job.document.done += report.total.read;
      if (!(await jobs.save(job))) return;
      if (stopping()) return jobs.giveBack(job);
    }
    await store.blobs.release(jobOwner(job.id), file.digest);
    plan.files.shift();
    delete job.document.position;
    if (!(await jobs.save(job))) return;
  }
  await jobs.save(job, 'completed');
}

async function fail(job: Job, jobs: Jobs, sentence: string): Promise<void> {
  job.document.failure = sentence;
  await jobs.save(job, 'failed');
}

/** Refused lines become OperationOutcomes in a file of the manifest's `error` list, as Bulk Data does. */
async function keepReport(job: Job, report: ImportReport, linesBefore: number, store: RecordStore): Promise<void> {
  const stored = job.document.stored ?? {};
  job.document.stored = stored;
  for (const [type, counts] of Object.entries(report.byType)) {
    const added = counts.created + counts.updated + counts.unchanged;
    if (added > 0) stored[type] = (stored[type] ?? 0) + added;
  }
  if (report.rejected.length === 0) return;
  const lines = report.rejected.map(({ index, issues }) => {
    const place = `line ${linesBefore + index + 1}`;
    const outcome = operationOutcome(
      issues.map((issue) => ({ ...issue, diagnostics: `${place}: ${issue.diagnostics}` })),
    );
    return Buffer.from(`${JSON.stringify(outcome)}\n`);
  });
  const info = await store.blobs.put(jobOwner(job.id), Readable.from(lines), Number.MAX_SAFE_INTEGER);
  job.document.error.push({ type: 'OperationOutcome', ...info, count: report.total.rejected });
}
