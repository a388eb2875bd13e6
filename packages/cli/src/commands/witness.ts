import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  ed25519Cosigner,
  formatVerifierKey,
  type KeySigner,
  MAX_ADD_CHECKPOINT_BYTES,
  mlDsa44Cosigner,
  noteVerifier,
  Witness,
  type WitnessAnswer,
} from '@meridian/ledger';
import { FileWitnessStore } from '@meridian/records';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandError } from '../command-error.ts';
import type { Surroundings } from '../surroundings.ts';
import { readPolicy } from '../verify/verify-file.ts';

interface Options {
  logs: string;
  name: string;
  folder: string;
  host: string;
  port: number;
}

/** `meridian witness`. */
export function addWitness(program: Command, surroundings: Surroundings): void {
  program
    .command('witness')
    .description("Watches over somebody else's ledger: cosigns its checkpoints as long as it only grows.")
    .requiredOption('--logs <file>', 'the logs to watch, as the log lines of a policy (GET /ledger/policy of a server)')
    .requiredOption('--name <name>', 'the name of this witness, such as witness.example.org')
    .option('--folder <folder>', 'where it keeps its key and what it has seen', './witness')
    .option('--host <address>', 'interface to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on', parsePort, 8090)
    .addHelpText('after', HELP)
    .action((options: Options) => runWitness(options, surroundings));
}

const HELP = `
Prints the lines that the operator of the log adds to the policy of the log (MERIDIAN_LEDGER_POLICY). One process for each
folder. A witness must not forget: keep the folder, and never restore an old copy of it.

Example:
  curl https://records.example.org/ledger/policy > logs
  meridian witness --logs logs --name witness.example.org --port 8090`;

async function runWitness(options: Options, { stdout, now, signal }: Surroundings): Promise<void> {
  const { logs } = await readPolicy(options.logs);
  if (logs.length === 0) throw new CommandError('The file names no log; it needs lines that begin with log.');
  const trusted = Map.groupBy(logs, ({ key }) => key.name);
  const cosigners = openCosigners(options, () => Math.floor(now() / 1000));
  const witness = new Witness({
    cosigners,
    keys: (origin) => trusted.get(origin)?.map(({ key }) => noteVerifier(key)),
    store: new FileWitnessStore(options.folder),
    onContradiction: (_origin, body) => keepEvidence(options.folder, body),
  });
  const server = createServer((request, response) => {
    void answer(witness, [...trusted.keys()], request)
      .catch(() => ({ status: 500, contentType: 'text/plain', body: 'The witness met a fault.\n' }))
      .then((given) => reply(response, given));
  });
  server.requestTimeout = 30_000;
  server.maxConnections = 100;
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const url = `http://${options.host}:${options.port}`;
  cosigners.forEach(({ key }, i) => {
    stdout.write(`witness ${options.name}-${i + 1} ${formatVerifierKey(key)} ${url}\n`);
  });
  if (!signal.aborted) await once(signal, 'abort');
  server.close();
  server.closeAllConnections();
}

/** The seeds lie in a file of their own that only its owner may read. */
function openCosigners({ folder, name }: Options, clock: () => number): readonly KeySigner[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'witness.key');
  try {
    writeFileSync(path, `${randomBytes(64).toString('hex')}\n`, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const hex = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{128}$/.test(hex)) throw new CommandError(`${path} is damaged; put it back from its backup.`);
  const seeds = Buffer.from(hex, 'hex');
  return [ed25519Cosigner(name, seeds.subarray(0, 32), clock), mlDsa44Cosigner(name, seeds.subarray(32), clock)];
}

/** A signed contradiction may prove that the log forked; the newest is enough. */
function keepEvidence(folder: string, body: Uint8Array): void {
  writeFileSync(join(folder, 'contradiction'), body, { flush: true });
}

async function answer(witness: Witness, origins: readonly string[], request: IncomingMessage): Promise<WitnessAnswer> {
  const { method, url = '' } = request;
  if (method === 'POST' && url === '/add-checkpoint') {
    const body = await bodyOf(request);
    return body ? witness.addCheckpoint(body) : plain(413, 'The request is too long.\n');
  }
  const [, log] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(url) ?? [];
  if (method === 'GET' && log !== undefined) return witness.latestCheckpoint(log, origins);
  return plain(404, 'A witness answers to POST /add-checkpoint and GET /<log>/checkpoint.\n');
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_ADD_CHECKPOINT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reply(response: ServerResponse, { status, contentType, body }: WitnessAnswer): void {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-cache' });
  response.end(body);
}

function plain(status: number, body: string): WitnessAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  return port;
}
