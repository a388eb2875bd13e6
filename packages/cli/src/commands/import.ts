import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandError, interrupted } from '../command-error.ts';
import { keyOf, tokenSource } from '../connection/access-token.ts';
import { Client } from '../connection/client.ts';
import { PATIENT } from '../connection/retry.ts';
import { serverUrl } from '../connection/server-url.ts';
import { countOnly } from '../import/counts.ts';
import { type Found, findSources } from '../import/find-sources.ts';
import { Journal } from '../import/journal.ts';
import { Reconciliation } from '../import/reconciliation.ts';
import { reportText } from '../import/report-text.ts';
import { type ImportJob, runImport } from '../import/run-import.ts';
import { sendUnit } from '../import/send-unit.ts';
import type { Surroundings } from '../surroundings.ts';
import { startProgress } from '../terminal/progress.ts';
import { counted, parseDuration } from '../terminal/words.ts';

interface Options {
  server?: string;
  token?: string;
  data?: string;
  parallel: number;
  wait?: number;
  rejects?: string;
  dryRun?: true;
  json?: true;
}

/** `meridian import`. */
export function addImport(program: Command, surroundings: Surroundings): void {
  program
    .command('import')
    .description('Takes FHIR records in: Bundles, single resources and NDJSON, also in .gz, .zip and folders.')
    .argument('<path...>', 'files and folders')
    .option('--server <url>', 'the server (default: MERIDIAN_URL, or this machine with MERIDIAN_PORT)')
    .option('--token <token>', 'a bearer token (default: MERIDIAN_TOKEN, or one made with the key in the data folder)')
    .option('--data <folder>', "the server's data folder (default: MERIDIAN_DATA, or ./data)")
    .option('--parallel <number>', 'requests under way at a time, 1 to 32', parseParallel, 4)
    .option('--wait <time>', 'how long to wait for a server that is away or busy (default: 2m)', parseWait)
    .option('--rejects <file>', 'write every rejected resource and why to this file, as NDJSON')
    .option('--dry-run', 'read and count, but send nothing')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action((paths: string[], options: Options) => runCommand(paths, options, surroundings));
}

const HELP = `
Resources keep their ids, so importing twice stores nothing twice. A run that was stopped goes on where it was when the
same command is given again. The exit code is 0 only if every resource that was read is stored.

Example:
  meridian import ./synthea/fhir --rejects rejected.ndjson`;

async function runCommand(paths: string[], options: Options, surroundings: Surroundings): Promise<void> {
  const { stdout, signal, now } = surroundings;
  const started = now();
  const found = await findSources(paths, signal);
  if (found.sources.length + found.leftOut.length === 0) {
    throw new CommandError('There are no .json, .ndjson or .zip files in what was named; nothing was imported.');
  }
  const reconciliation = new Reconciliation(options.rejects);
  for (const { file, reason } of found.leftOut) reconciliation.leaveOut(file, reason);
  try {
    await (options.dryRun
      ? runCounting(found, reconciliation, surroundings)
      : runSending(paths, found, reconciliation, options, surroundings));
  } catch (error) {
    if (signal.aborted) throw interrupted('Stopped; the same command goes on from here.');
    throw error;
  } finally {
    found.close();
    reconciliation.close();
  }
  const seconds = (now() - started) / 1000;
  stdout.write(
    options.json ? jsonText(reconciliation, found, seconds) : reportText(reconciliation, found.ignored, seconds),
  );
  if (!reconciliation.complete) throw new CommandError(incomplete(reconciliation));
}

async function runCounting(found: Found, reconciliation: Reconciliation, surroundings: Surroundings): Promise<void> {
  await runWithProgress('Counting', found, surroundings, {
    send: async (unit) => countOnly(unit),
    journal: undefined,
    reconciliation,
    parallel: 1,
  });
}

async function runSending(
  paths: readonly string[],
  found: Found,
  reconciliation: Reconciliation,
  options: Options,
  surroundings: Surroundings,
): Promise<void> {
  const { environment, now, signal } = surroundings;
  const origin = serverUrl(options.server, environment);
  const token = await tokenSource(options, environment, now);
  const client = new Client({
    origin,
    token,
    patience: { ...PATIENT, total: options.wait ?? PATIENT.total },
    now,
    signal,
  });
  try {
    await client.greet();
    const journal = openJournal(paths, await token(), surroundings);
    try {
      const send = { send: (unit: Parameters<ImportJob['send']>[0]) => sendUnit(client, unit), journal };
      await runWithProgress('Importing', found, surroundings, { ...send, reconciliation, parallel: options.parallel });
    } catch (error) {
      journal?.close();
      throw error;
    }
    journal?.remove();
  } finally {
    await client.close();
  }
}

async function runWithProgress(
  label: string,
  { sources }: Found,
  { stderr, now, signal }: Surroundings,
  job: Omit<ImportJob, 'sources' | 'progress' | 'signal'>,
): Promise<void> {
  const total = sources.reduce((sum, { size }) => sum + size, 0);
  const progress = startProgress({ stream: stderr, label, items: 'resources', total, now });
  try {
    await runImport({ ...job, sources, progress, signal });
  } finally {
    progress.stop();
  }
}

/** The key that signed the token tells which server it is, whatever its address; without that nothing is remembered. */
function openJournal(
  paths: readonly string[],
  token: string,
  { environment, stderr }: Surroundings,
): Journal | undefined {
  const key = keyOf(token);
  if (key === undefined) return undefined;
  const cache = environment.XDG_CACHE_HOME?.trim() || join(environment.HOME ?? homedir(), '.cache');
  try {
    return Journal.open(join(cache, 'meridian', 'import'), [key, ...paths.map((path) => resolve(path)).sort()]);
  } catch {
    stderr.write(
      `Nothing can be written below ${cache}: if this run is stopped, the next one sends everything again.\n`,
    );
    return undefined;
  }
}

function jsonText(result: Reconciliation, { ignored }: Found, seconds: number): string {
  const { total, byType, firstRejected, leftOut, unaccounted, resumedUnits, complete } = result;
  const sorted = [...byType].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({
    complete,
    seconds,
    total,
    byType: Object.fromEntries(sorted),
    rejected: firstRejected,
    leftOut,
    ignored: Object.fromEntries(ignored),
    unaccounted,
    resumedUnits,
  })}\n`;
}

function incomplete({ total, leftOut, unaccounted }: Reconciliation): string {
  const parts = [
    ...(total.rejected > 0 ? [`${counted(total.rejected, 'resource')} rejected`] : []),
    ...(leftOut.length > 0 ? [`${counted(leftOut.length, 'file')} left out`] : []),
    ...(unaccounted > 0 ? [`${counted(unaccounted, 'resource')} unaccounted for`] : []),
  ];
  return `Not everything was imported: ${parts.join(', ')}.`;
}

function parseParallel(text: string): number {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 32) throw new InvalidArgumentError('It must be a whole number from 1 to 32.');
  return value;
}

function parseWait(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError('It must be a time such as 30s, 2m or 1h.');
  return seconds * 1000;
}
