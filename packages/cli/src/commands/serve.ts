import { once } from 'node:events';
import { relative } from 'node:path';
import type { Config, DemoAccount, RunningServer } from '@meridian/server';
import type { Command } from 'commander';
import { sentenceOf } from '../command-error.ts';
import { mintedTokens } from '../connection/access-token.ts';
import { Client } from '../connection/client.ts';
import { PATIENT } from '../connection/retry.ts';
import { loadDemo } from '../demo/load-demo.ts';
import { openDemoAccounts } from '../demo/open-demo-accounts.ts';
import type { Surroundings } from '../surroundings.ts';
import { startProgress } from '../terminal/progress.ts';
import { counted } from '../terminal/words.ts';

interface Options {
  port?: string;
  data?: string;
  demo?: boolean;
}

/** The patients of the first start. The seed is fixed so that guides and tests can name them. */
const DEMO = { patients: 100, seed: 2026, years: 20 };

/** `meridian serve`. */
export function addServe(program: Command, surroundings: Surroundings): void {
  program
    .command('serve')
    .description('Runs the server, with an embedded PostgreSQL unless MERIDIAN_DATABASE_URL names one.')
    .option('--port <number>', 'port to listen on (default: MERIDIAN_PORT, or 8080)')
    .option('--data <folder>', 'where everything is kept (default: MERIDIAN_DATA, or ./data)')
    .option('--demo', 'load 100 synthetic patients on the first run (default, unless MERIDIAN_DEMO is 0)')
    .option('--no-demo', 'load none')
    .addHelpText('after', HELP)
    .action((options: Options) => runCommand(options, surroundings));
}

const HELP = `
Further settings come from the environment: MERIDIAN_DATABASE_URL, MERIDIAN_ROOT_KEY, MERIDIAN_BLOBS, MERIDIAN_HOST,
MERIDIAN_URL, MERIDIAN_LOG and others; see the README. Ctrl-C stops the server when what it accepted is done.

Example:
  meridian serve --port 8080 --data ./data --no-demo`;

async function runCommand(options: Options, surroundings: Surroundings): Promise<void> {
  const { stdout, stderr, environment, signal } = surroundings;
  const { readConfig, serve } = await import('@meridian/server');
  const config = readConfig({
    ...environment,
    ...(options.port !== undefined && { MERIDIAN_PORT: options.port }),
    ...(options.data !== undefined && { MERIDIAN_DATA: options.data }),
    ...(options.demo !== undefined && { MERIDIAN_DEMO: options.demo ? '1' : '0' }),
    // lines of the log would tear the progress bar apart
    ...(isTerminal(stdout) && { MERIDIAN_LOG: environment.MERIDIAN_LOG ?? 'warn' }),
  });
  const server = await serve(config);
  try {
    stdout.write(whereToLook(config, server));
    let accounts: readonly DemoAccount[] = [];
    if (config.demo && !signal.aborted) {
      // without its patients the server is as good as with them
      accounts = await demo(config, server, surroundings).catch((error: unknown) => {
        if (!signal.aborted) stderr.write(`The demonstration population is not complete: ${sentenceOf(error)}\n`);
        return [];
      });
    }
    if (!signal.aborted) {
      stdout.write(howToSignIn(accounts, baseOf(config, server)));
      stdout.write(whatToTry(config, server));
      await once(signal, 'abort');
    }
  } finally {
    await server.close();
  }
}

/** Loads the demonstration population where it is not loaded, and answers the accounts to try it with. */
async function demo(
  config: Config,
  server: RunningServer,
  surroundings: Surroundings,
): Promise<readonly DemoAccount[]> {
  const { stdout, stderr, now, signal } = surroundings;
  const token = mintedTokens(server.tokens, now);
  const client = new Client({ origin: server.url, token, patience: PATIENT, now, signal });
  const until = new Date(now()).toISOString().slice(0, 10);
  try {
    const loaded = await loadDemo({
      client,
      dataFolder: config.dataFolder,
      population: { ...DEMO, until },
      progress: (total) => startProgress({ stream: stderr, label: 'Loading patients', items: 'resources', total, now }),
      signal,
    });
    if (loaded !== undefined) {
      stdout.write(
        `Loaded ${counted(loaded.patients, 'synthetic patient')}: ${counted(loaded.resources, 'resource')}.\n`,
      );
    }
    return await openDemoAccounts(server, client, config.dataFolder);
  } finally {
    await client.close();
  }
}

function whereToLook(config: Config, server: RunningServer): string {
  const base = baseOf(config, server);
  return `Meridian is running.
  FHIR API   ${base}/fhir (what it can do: ${base}/fhir/metadata)
  health     ${base}/readyz
  data       ${config.dataFolder}${config.databaseUrl === undefined ? '' : ', records in the database of MERIDIAN_DATABASE_URL'}
`;
}

/** Passwords of the demonstration are made for this installation and are good only while the demonstration is on. */
function howToSignIn(accounts: readonly DemoAccount[], base: string): string {
  if (accounts.length === 0) return '';
  const width = Math.max(...accounts.map(({ username }) => username.length));
  const lines = accounts.map(
    ({ username, password, role, name }) => `  ${username.padEnd(width)}  ${password}  ${role}, ${name}`,
  );
  return `\nSign in at ${base} as one of the synthetic people:\n${lines.join('\n')}\n`;
}

function whatToTry(config: Config, server: RunningServer): string {
  const base = baseOf(config, server);
  const folder = relative('.', config.dataFolder);
  const data = folder === 'data' ? '' : ` --data ${folder.startsWith('..') ? config.dataFolder : folder}`;
  return `
Requests need a token. In another terminal:
  export MERIDIAN_TOKEN=$(npx meridian token --system${data})
  curl -H "Authorization: Bearer $MERIDIAN_TOKEN" '${base}/fhir/Patient?name=chan&_count=3'
  npx meridian import FOLDER --server ${base}
Ctrl-C stops the server.
`;
}

function baseOf({ origin }: Config, { url }: RunningServer): string {
  // with port 0 the system has chosen one
  return new URL(origin).port === '0' ? url : origin;
}

function isTerminal(stream: object): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}
