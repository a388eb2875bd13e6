import type { Policy } from '@meridian/ledger';
import type { Finding, VerifyReport } from '@meridian/records';
import type { Command } from 'commander';
import { CommandError, interrupted } from '../command-error.ts';
import { tokenSource } from '../connection/access-token.ts';
import { Client } from '../connection/client.ts';
import { PATIENT } from '../connection/retry.ts';
import { serverUrl } from '../connection/server-url.ts';
import type { Surroundings } from '../surroundings.ts';
import { startProgress } from '../terminal/progress.ts';
import { counted, grouped, printable } from '../terminal/words.ts';
import { readPolicy, verdictText, verifyFile } from '../verify/verify-file.ts';
import { auditServer, fetchHead, fetchPolicy } from '../verify/verify-log.ts';
import { verifyMine } from '../verify/verify-mine.ts';
import { verifyStore } from '../verify/verify-store.ts';

interface Options {
  policy?: string;
  logOnly?: true;
  mine?: string;
  server?: string;
  token?: string;
  data?: string;
  json?: true;
}

/** `meridian verify`. */
export function addVerify(program: Command, surroundings: Surroundings): void {
  program
    .command('verify')
    .description('Checks a receipt offline, or everything that a server stores against its ledger.')
    .argument('[receipt]', 'the file of a receipt; without it the server is checked')
    .option('--policy <file>', 'the logs and witnesses you trust (default for servers: what they say themselves)')
    .option('--log-only', 'audit only what the server publishes; needs no token')
    .option('--mine <patient>', 'check that no event about this patient was left out')
    .option('--server <url>', 'the server (default: MERIDIAN_URL, or this machine with MERIDIAN_PORT)')
    .option('--token <token>', 'a bearer token (default: MERIDIAN_TOKEN, or one made with the key in the data folder)')
    .option('--data <folder>', "the server's data folder (default: MERIDIAN_DATA, or ./data)")
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action((receipt: string | undefined, options: Options) =>
      receipt === undefined ? checkServer(options, surroundings) : checkReceipt(receipt, options, surroundings),
    );
}

const HELP = `
The exit code is 0 only if everything holds.

Examples:
  meridian verify
  curl http://localhost:8080/ledger/policy > policy
  meridian verify receipt.json --policy policy`;

async function checkReceipt(path: string, options: Options, { stdout }: Surroundings): Promise<void> {
  if (options.policy === undefined) {
    throw new CommandError('Say whom you trust with --policy FILE; GET /ledger/policy of the server is a beginning.');
  }
  const verdict = await verifyFile(path, await readPolicy(options.policy));
  const { outcome, state, checks } = verdict;
  stdout.write(options.json ? `${JSON.stringify({ outcome, state, checks })}\n` : verdictText(verdict));
  if (outcome !== 'proved') throw new CommandError('The receipt is not proved.');
}

async function checkServer(options: Options, surroundings: Surroundings): Promise<void> {
  const { environment, now, signal, stderr } = surroundings;
  const origin = serverUrl(options.server, environment);
  const token = options.logOnly ? async () => '' : await tokenSource(options, environment, now);
  const client = new Client({ origin, token, patience: PATIENT, now, signal });
  try {
    await client.greet();
    if (options.policy === undefined) {
      stderr.write('The keys are those that the server names itself; --policy FILE checks it against yours.\n');
    }
    const policy = options.policy === undefined ? await fetchPolicy(origin, fetch) : await readPolicy(options.policy);
    if (options.mine !== undefined) await checkChain(client, options.mine, policy, options, surroundings);
    else await checkAll(client, origin, policy, options, surroundings);
  } catch (error) {
    if (signal.aborted) throw interrupted('Stopped; nothing can be said about what was not checked.');
    throw error;
  } finally {
    await client.close();
  }
}

async function checkChain(
  client: Client,
  patient: string,
  policy: Policy,
  { json }: Options,
  { stdout }: Surroundings,
): Promise<void> {
  const { events, faults } = await verifyMine(client, patient, policy);
  const sound = `${counted(events, 'event')}; each is in the log, and none was left out.\n`;
  stdout.write(json ? `${JSON.stringify({ events, faults })}\n` : faults.length > 0 ? `${faults.join('\n')}\n` : sound);
  if (faults.length > 0) throw new CommandError(`${counted(faults.length, 'thing does', 'things do')} not hold.`);
}

async function checkAll(
  client: Client,
  origin: string,
  policy: Policy,
  { json, logOnly }: Options,
  surroundings: Surroundings,
): Promise<void> {
  const { stdout, stderr, now, signal } = surroundings;
  const head = await fetchHead(origin, policy, fetch);
  const bar = (label: string, items: string, total: number) =>
    startProgress({ stream: stderr, label, items, total, now });
  const auditing = bar('Auditing the log', 'entries', head.size);
  const audit = await auditServer(origin, head, fetch, (leaves) => auditing.add(leaves, leaves), signal).finally(() =>
    auditing.stop(),
  );
  const store = logOnly ? undefined : await checkStore(client, bar, signal);
  const ok = audit.ok && (store?.ok ?? true);
  if (json) stdout.write(`${JSON.stringify({ ok, entries: head.size, audit: audit.findings, store })}\n`);
  else {
    for (const { path, sentence } of audit.findings) stdout.write(`${path ?? 'root'}: ${sentence}\n`);
    for (const finding of store?.findings ?? []) stdout.write(`${findingText(finding)}\n`);
    if (ok) stdout.write(soundText(head.size, store));
  }
  const found = audit.findings.length + (store ? store.findings.length + store.left : 0);
  if (!ok) throw new CommandError(`${counted(found, 'thing is', 'things are')} damaged.`);
}

async function checkStore(
  client: Client,
  bar: (label: string, items: string, total: number) => ReturnType<typeof startProgress>,
  signal: AbortSignal,
): Promise<VerifyReport> {
  let progress: ReturnType<typeof startProgress> | undefined;
  let before = 0;
  try {
    return await verifyStore(
      client,
      ({ done, total }) => {
        progress ??= bar('Checking the records', 'checks', total);
        progress.add(done - before, done - before);
        before = done;
      },
      signal,
    );
  } finally {
    progress?.stop();
  }
}

function soundText(entries: number, store: VerifyReport | undefined): string {
  const log = `The log of ${grouped(entries)} entries adds up to its signed checkpoint.`;
  return store === undefined ? `${log}\n` : `${log} Every stored record and event is the one that was logged.\n`;
}

function findingText({ kind, where, row, sentence }: Finding): string {
  return printable(`${kind}: ${where} ${row}: ${sentence}`, 400);
}
