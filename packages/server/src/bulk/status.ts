import type { Readable } from 'node:stream';
import type { RecordStore } from '@meridian/records';
import { outcomeAnswer } from '../fhir/outgoing.ts';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import { NDJSON } from '../http/media.ts';
import { type Job, type JobFile, type JobKind, type Jobs, jobOwner } from './jobs.ts';

/** Who asks about a job: it belongs to the one who started it. */
export interface Asker {
  actor: string;
}

/** The asker's job of this id. Somebody else's does not exist for it. */
export async function ownJob(jobs: Jobs, kind: JobKind, id: string, asker: Asker): Promise<Job> {
  const job = await jobs.find(kind, id);
  if (!job || job.document.context.actor !== asker.actor || job.state === 'cancelled') {
    throw refusal(404, 'not-found', 'There is no such job; it may have been cancelled, or its time may be over.');
  }
  return job;
}

/** 202 with X-Progress while it works, 200 with the manifest when it is done (FHIR Bulk Data Access 2, Status Request). */
export function jobStatus(job: Job, baseUrl: string): Answer {
  const { document, state } = job;
  if (state === 'failed')
    return outcomeAnswer(500, [{ severity: 'error', code: 'exception', diagnostics: document.failure ?? FAILED }]);
  if (state !== 'completed') {
    return { status: 202, headers: { 'x-progress': `${document.done} resources`, 'retry-after': '2' } };
  }
  const file = (kind: 'output' | 'error') => (each: JobFile, at: number) => ({
    type: each.type,
    url: `${baseUrl}/$${job.kind}-status/${job.id}/${kind}/${at}`,
    count: each.count,
  });
  const manifest = {
    transactionTime: new Date(document.started).toISOString(),
    request: document.request,
    requiresAccessToken: true,
    output: document.stored
      ? Object.entries(document.stored).map(([type, count]) => ({ type, count }))
      : document.output.map(file('output')),
    error: document.error.map(file('error')),
  };
  return {
    status: 200,
    contentType: 'application/json',
    headers: { expires: new Date(job.expires).toUTCString() },
    body: Buffer.from(JSON.stringify(manifest)),
  };
}

const FAILED = 'The job failed; start it again, and tell the operator if it keeps failing.';

/** One file of a finished job. */
export async function jobFile(job: Job, kind: string, at: string, store: RecordStore): Promise<Answer> {
  const files = kind === 'output' ? job.document.output : kind === 'error' ? job.document.error : [];
  const file = job.state === 'completed' && /^\d{1,6}$/.test(at) ? files[Number(at)] : undefined;
  const found = file && (await store.blobs.get(jobOwner(job.id), file.digest));
  if (!found) throw refusal(404, 'not-found', 'There is no such file; the manifest of the job lists its files.');
  const body: Readable = found.content;
  return { status: 200, contentType: NDJSON, length: found.info.size, body };
}

/** Cancels a job, or forgets a finished one with its files (Bulk Data Access 2, Delete Request). */
export async function cancelJob(job: Job, jobs: Jobs): Promise<Answer> {
  await jobs.cancel(job);
  return outcomeAnswer(202, [
    {
      severity: 'information',
      code: 'informational',
      diagnostics: 'The job is cancelled and its files are forgotten.',
    },
  ]);
}
