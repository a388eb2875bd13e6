import type { Http } from '../../api/http.ts';

/** One file of a finished export. */
export interface ExportFile {
  type: string;
  /** Below `/fhir`, of the own server. */
  path: string;
  count: number;
}

/** How an export is doing. */
export type ExportState =
  | { state: 'running'; progress: string }
  | { state: 'finished'; at: string; files: readonly ExportFile[] };

/** Starts an export of what the account may see (FHIR Bulk Data Access 2); answers the path of its status. */
export async function startExport(http: Http, types: readonly string[]): Promise<string> {
  const query = types.length === 0 ? '' : `?${new URLSearchParams({ _type: types.join(',') })}`;
  const answer = await http.send(`/fhir/$export${query}`, { headers: { prefer: 'respond-async' } });
  return pathOf(answer.headers.get('content-location') ?? '');
}

export async function exportState(http: Http, path: string, signal: AbortSignal): Promise<ExportState> {
  const answer = await http.send(path, { signal });
  if (answer.status === 202) return { state: 'running', progress: answer.headers.get('x-progress') ?? '' };
  const { transactionTime = '', output = [] } = (await answer.json()) as {
    transactionTime?: string;
    output?: { type: string; url: string; count?: number }[];
  };
  const files = output.map(({ type, url, count = 0 }) => ({ type, path: pathOf(url), count }));
  return { state: 'finished', at: transactionTime, files };
}

/** Stops an export, or forgets a finished one with its files. */
export async function endExport(http: Http, path: string): Promise<void> {
  await http.send(path, { method: 'DELETE' });
}

/** URLs name the server's configured origin; only its paths are asked. Throws TypeError for what is no URL. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}
