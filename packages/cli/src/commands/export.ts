import { isResourceType } from '@meridian/fhir';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandError, interrupted } from '../command-error.ts';
import { tokenSource } from '../connection/access-token.ts';
import { Client } from '../connection/client.ts';
import { PATIENT } from '../connection/retry.ts';
import { serverUrl } from '../connection/server-url.ts';
import { ExportFolder } from '../export/export-folder.ts';
import type { ExportRequest } from '../export/export-request.ts';
import { cancelExport, type ExportedFile, runExport } from '../export/run-export.ts';
import type { Surroundings } from '../surroundings.ts';
import { table } from '../terminal/table.ts';
import { grouped, printable } from '../terminal/words.ts';

interface Options {
  type: string[];
  since?: string;
  patient: string[];
  group?: string;
  server?: string;
  token?: string;
  data?: string;
  json?: true;
}

/** `meridian export`. */
export function addExport(program: Command, surroundings: Surroundings): void {
  program
    .command('export')
    .description('Writes records into a folder, as one NDJSON file for each resource type (FHIR Bulk Data Access).')
    .argument('<folder>', 'where to; new or empty, or with an unfinished export of the same')
    .option('--type <types>', 'only these resource types, separated by commas', collectTypes, [])
    .option('--since <instant>', 'only what has changed since, such as 2026-01-31T00:00:00Z', parseInstant)
    .option('--patient <id>', "only this patient's record; may be repeated", collectId, [])
    .option('--group <id>', 'only the records of the members of this Group')
    .option('--server <url>', 'the server (default: MERIDIAN_URL, or this machine with MERIDIAN_PORT)')
    .option('--token <token>', 'a bearer token (default: MERIDIAN_TOKEN, or one made with the key in the data folder)')
    .option('--data <folder>', "the server's data folder (default: MERIDIAN_DATA, or ./data)")
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action((folder: string, options: Options) => runCommand(folder, options, surroundings));
}

const HELP = `
The files hold records that are not sealed: keep them accordingly. Ctrl-C cancels the export, here and at the server; a run
that was killed goes on where it was when the same command is given again.

Example:
  meridian export ./archive --type Patient,Observation --since 2026-01-01T00:00:00Z`;

async function runCommand(path: string, options: Options, surroundings: Surroundings): Promise<void> {
  const { stdout, stderr, environment, now, signal } = surroundings;
  const request: ExportRequest = {
    types: options.type,
    ...(options.since !== undefined && { since: options.since }),
    patients: options.patient,
    ...(options.group !== undefined && { group: options.group }),
  };
  const origin = serverUrl(options.server, environment);
  const token = await tokenSource(options, environment, now);
  const common = { origin, token, patience: PATIENT, now };
  const client = new Client({ ...common, signal });
  const folder = new ExportFolder(path);
  try {
    await client.greet();
    const onProgress = (words: string) => void stderr.write(`The server is exporting: ${printable(words, 80)}\n`);
    const onFile = ({ name, written }: ExportedFile) => void stderr.write(`${name}: ${grouped(written)}\n`);
    const files = await runExport({ client, folder, request, onProgress, onFile, signal });
    stdout.write(options.json ? `${JSON.stringify({ complete: isComplete(files), files })}\n` : reportText(files));
    if (!isComplete(files)) throw new CommandError(INCOMPLETE);
  } catch (error) {
    if (!signal.aborted) throw error;
    const patience = { ...PATIENT, total: 5000 };
    const last = new Client({ ...common, patience, signal: AbortSignal.timeout(15_000) });
    await cancelExport(last, folder, request).finally(() => last.close());
    throw interrupted('Cancelled; nothing of this export is left.');
  } finally {
    await client.close();
  }
}

const INCOMPLETE = 'Not everything was exported: the server counts otherwise, or lists errors (errors.ndjson).';

function isComplete(files: readonly ExportedFile[]): boolean {
  return files.every(({ name, expected, written }) => !name.startsWith('errors') && (expected ?? written) === written);
}

function reportText(files: readonly ExportedFile[]): string {
  const count = (value: number | undefined) => (value === undefined ? '?' : grouped(value));
  const sum = (values: readonly (number | undefined)[]) => values.reduce<number>((a, b) => a + (b ?? 0), 0);
  return table(
    ['file', 'at the server', 'written'],
    files.map(({ name, expected, written }) => [name, count(expected), count(written)]),
    ['total', count(sum(files.map((file) => file.expected))), count(sum(files.map((file) => file.written)))],
  );
}

function collectTypes(text: string, before: string[]): string[] {
  const types = text.split(',').map((type) => type.trim());
  if (!types.every(isResourceType))
    throw new InvalidArgumentError('It must be FHIR R4 types such as Patient,Observation.');
  return [...before, ...types];
}

function collectId(text: string, before: string[]): string[] {
  const id = /^(?:Patient\/)?([A-Za-z0-9\-.]{1,64})$/.exec(text)?.[1];
  if (id === undefined) throw new InvalidArgumentError('It must be the id of a Patient.');
  return [...before, id];
}

/** FHIR instant (R4, Datatypes), or a date for its beginning in UTC. */
function parseInstant(text: string): string {
  const instant = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(instant) ||
    Number.isNaN(Date.parse(instant))
  ) {
    throw new InvalidArgumentError('It must be an instant such as 2026-01-31T00:00:00Z, or a date.');
  }
  return instant;
}
