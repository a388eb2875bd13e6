import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../command-error.ts';
import type { Answer, Client } from '../connection/client.ts';
import { retryAfter } from '../connection/retry.ts';
import type { ExportFolder } from './export-folder.ts';
import { type ExportRequest, kickOff } from './export-request.ts';
import { type ManifestFile, readManifest } from './manifest.ts';

export interface ExportJob {
  client: Client;
  folder: ExportFolder;
  request: ExportRequest;
  /** Told how far the server is, in its own words. */
  onProgress: (words: string) => void;
  /** Told of each file that is complete. */
  onFile: (file: ExportedFile) => void;
  signal: AbortSignal;
}

export interface ExportedFile {
  name: string;
  type: string;
  /** As the server counts; undefined where it does not. */
  expected: number | undefined;
  /** Lines of the file. */
  written: number;
}

const POLL_MS = 1000;

/**
 * A bulk export from kick-off to the last file (FHIR Bulk Data Access 2.0). What an earlier run left unfinished in the
 * folder is gone on with: the same job at the server, and the files that are not there yet.
 */
export async function runExport(job: ExportJob): Promise<ExportedFile[]> {
  const { client, folder, request } = job;
  const asked = JSON.stringify(request);
  const state = await folder.resume(asked);
  const statusUrl = state?.statusUrl ?? (await begin(job));
  if (!state) await folder.remember({ request: asked, statusUrl });
  const manifest = readManifest(await poll(job, statusUrl));
  const files: ExportedFile[] = [];
  for (const [name, file] of fileNames(manifest)) {
    const written = folder.has(name)
      ? await folder.linesOf(name)
      : await client.download(file.url, (body) => folder.write(name, body));
    const exported = { name, type: file.type, expected: file.count, written };
    files.push(exported);
    job.onFile(exported);
  }
  await client.call({ method: 'DELETE', url: statusUrl });
  await folder.forget();
  return files;
}

/** Ends an export that will not be gone on with: at the server, and in the folder. */
export async function cancelExport(client: Client, folder: ExportFolder, request: ExportRequest): Promise<void> {
  const state = await folder.resume(JSON.stringify(request));
  if (!state) return;
  const status = await client.call({ method: 'GET', url: state.statusUrl });
  await client.call({ method: 'DELETE', url: state.statusUrl });
  await folder.clear(status.status === 200 ? [...fileNames(readManifest(status.body)).keys()] : []);
}

async function begin({ client, request }: ExportJob): Promise<string> {
  const answer = await client.call(kickOff(request));
  const url = answer.headers['content-location'];
  if (answer.status === 202 && typeof url === 'string') return url;
  throw new CommandError(`The server did not begin the export: ${reason(answer)}`);
}

/** Asks until the job is done; gives the manifest. */
async function poll({ client, folder, onProgress, signal }: ExportJob, statusUrl: string): Promise<string> {
  for (;;) {
    const answer = await client.call({ method: 'GET', url: statusUrl, headers: { accept: 'application/json' } });
    if (answer.status === 200) return answer.body;
    if (answer.status !== 202) {
      // the job is gone: the next run has to begin a new one
      await folder.forget();
      throw new CommandError(`The export ended without a result: ${reason(answer)}`);
    }
    const words = answer.headers['x-progress'];
    if (typeof words === 'string') onProgress(words);
    await sleep(Math.min(retryAfter(answer.headers['retry-after']) ?? POLL_MS, 30_000), undefined, { signal });
  }
}

/** The first file of a type is `Type.ndjson`, the second `Type-2.ndjson`; the same manifest gives the same names. */
function fileNames(manifest: readonly ManifestFile[]): Map<string, ManifestFile> {
  const seen = new Map<string, number>();
  return new Map(
    manifest.map((file) => {
      const label = file.isError ? 'errors' : file.type;
      const number = (seen.get(label) ?? 0) + 1;
      seen.set(label, number);
      return [number === 1 ? `${label}.ndjson` : `${label}-${number}.ndjson`, file];
    }),
  );
}

/** The sentence of an OperationOutcome. */
function reason({ status, body }: Answer): string {
  try {
    const outcome = JSON.parse(body) as { issue?: { diagnostics?: unknown }[] };
    const [issue] = outcome.issue ?? [];
    if (typeof issue?.diagnostics === 'string') return issue.diagnostics;
  } catch {
    // no OperationOutcome: the status has to do
  }
  return `status ${status}.`;
}
