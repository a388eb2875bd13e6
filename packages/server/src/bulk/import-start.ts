import { Readable } from 'node:stream';
import { keptContentOf, plainContext } from '@meridian/records';
import type { Target } from '../fhir/operation.ts';
import { parseStored } from '../fhir/outgoing.ts';
import { OperationInput } from '../fhir/parameters.ts';
import { requireLive } from '../fhir/read.ts';
import { type Answer, type FhirRequest, header } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { BODY_LIMIT, readBody } from '../http/body.ts';
import { refusal } from '../http/http-error.ts';
import { isJson, mediaType } from '../http/media.ts';
import { accepted } from './export-start.ts';
import { type JobFile, jobOwner } from './jobs.ts';

/** Most bytes of NDJSON in one call. */
const IMPORT_LIMIT = 16 * 1024 * 1024 * 1024;

const NDJSON_TYPES = new Set(['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson']);

/** What is left of an import: files to read, the first under way, and how many of its lines are done. */
export interface ImportPlan {
  files: JobFile[];
}
export interface ImportPosition {
  /** Bytes of the first file that are imported. */
  offset: number;
  /** Lines in them. */
  lines: number;
}

/**
 * `POST $import`: takes NDJSON, either as the body itself or from Binaries here, named by a Parameters resource with
 * `input` parts whose `url` is `Binary/[id]`. URLs elsewhere are refused: a record server that fetches what a caller
 * names can be turned against the hospital's own network.
 */
export async function importStart(_target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  if (!request.preferences.respondAsync) {
    throw refusal(400, 'required', 'An import is always asynchronous; send the header Prefer: respond-async.');
  }
  const id = services.jobs.newId();
  const files = await filesOf(request, id, services);
  const plan: ImportPlan = { files };
  await services.jobs.create('import', id, {
    request: `${services.baseUrl}/$import`,
    context: plainContext(request.context),
    viewer: request.viewer,
    started: services.now(),
    plan,
    output: [],
    error: [],
    done: 0,
  });
  return accepted(`${services.baseUrl}/$import-status/${id}`);
}

async function filesOf(request: FhirRequest, id: string, services: Services): Promise<JobFile[]> {
  const type = header(request, 'content-type');
  const { body } = request;
  if (body.kind === 'stream' && NDJSON_TYPES.has(mediaType(type))) {
    const info = await services.store.blobs.put(jobOwner(id), body.stream, IMPORT_LIMIT);
    return [{ type: '', ...info, count: 0 }];
  }
  if (body.kind !== 'stream' || !isJson(type)) {
    throw refusal(
      415,
      'not-supported',
      'Send NDJSON as application/fhir+ndjson, or a Parameters resource as application/fhir+json.',
    );
  }
  const bytes = await readBody(body.stream, BODY_LIMIT, body.length === undefined ? undefined : String(body.length));
  const inputs = new OperationInput({ ...request, body: { kind: 'bytes', bytes } }).parts('input');
  if (inputs.length === 0)
    throw refusal(400, 'required', 'The Parameters need at least one "input" with a "url" part.');
  const files: JobFile[] = [];
  for (const input of inputs) files.push(await uploaded(input.get('url') ?? '', request, id, services));
  return files;
}

/** The content of a Binary, as a file of this job's own. */
async function uploaded(url: string, request: FhirRequest, job: string, services: Services): Promise<JobFile> {
  const relative = url.startsWith(`${services.baseUrl}/`) ? url.slice(services.baseUrl.length + 1) : url;
  const id = /^Binary\/([A-Za-z0-9\-.]{1,64})$/.exec(relative)?.[1];
  if (id === undefined) {
    throw refusal(
      422,
      'not-supported',
      'An input of $import must be a Binary of this server, such as Binary/123; upload it first.',
    );
  }
  const stored = requireLive(await services.store.read('Binary', id, request.context), 'Binary', id);
  const binary = parseStored(stored);
  const kept = keptContentOf(binary);
  const found = kept && (await services.store.blobs.get(kept.owner, kept.digest));
  const content = found?.content ?? Readable.from([Buffer.from(String(binary.data ?? ''), 'base64')]);
  const info = await services.store.blobs.put(jobOwner(job), content, IMPORT_LIMIT);
  return { type: '', ...info, count: 0 };
}
