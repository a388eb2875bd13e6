import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ChainError } from './chain-error.ts';

/** How long anvil may take to answer: it reads its whole state first. */
const START_PATIENCE_MS = 60_000;
/** How long it may take to write its state and go. */
const STOP_PATIENCE_MS = 20_000;

/** Platforms as the npm packages of anvil call them. */
const PLATFORMS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-amd64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-amd64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'win32-amd64',
};

/** Path of the anvil that npm brought, or undefined where there is none for this platform. */
export function findAnvil(): string | undefined {
  const platform = PLATFORMS[`${process.platform}-${process.arch}`];
  if (platform === undefined) return undefined;
  try {
    const manifest = createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${platform}/package.json`);
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil');
  } catch {
    return undefined;
  }
}

/** An anvil that answers on the loopback interface. */
export interface AnvilProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  readonly url: string;
}

/**
 * Starts anvil on 127.0.0.1 and waits until it answers. It knows no accounts of its own, so nobody can spend from it
 * without a key, and gives web pages no leave to read it. Throws `no-local-chain`.
 *
 * @param cwd where it runs; it writes only where `flags` say
 */
export async function startAnvil(
  binary: string,
  port: number,
  flags: readonly string[],
  cwd: string,
): Promise<AnvilProcess> {
  const fixed = [
    '--host',
    '127.0.0.1',
    '--port',
    `${port}`,
    '--accounts',
    '0',
    '--no-cors',
    '--quiet',
    '--color',
    'never',
  ];
  // Own process group: a Ctrl-C in the terminal is for the server, which stops anvil after its last anchor.
  const child = spawn(binary, [...fixed, ...flags], { cwd, stdio: 'ignore', detached: process.platform !== 'win32' });
  const started = await once(child, 'spawn').then(
    () => true,
    () => false,
  );
  // From here on a failure to signal a process that has gone is no news.
  child.on('error', () => undefined);
  if (!started) {
    throw new ChainError('no-local-chain', 'The anvil that npm brought cannot be run here; set MERIDIAN_CHAIN_URL.');
  }
  child.unref();
  const url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + START_PATIENCE_MS; Date.now() < end && running(child); await delay(20)) {
    if ((await askNode(url, 'eth_chainId')) !== undefined) return { child, pid: child.pid!, port, url };
  }
  child.kill('SIGKILL');
  throw new ChainError('no-local-chain', 'The local chain does not come up; its port may be taken. Start again.');
}

/** Asks anvil to write its state and go; then the hard way. Comes back when the process is gone. */
export async function stopProcess(pid: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (const end = Date.now() + STOP_PATIENCE_MS; Date.now() < end; await delay(10)) {
      if (!exists(pid)) return;
    }
  }
}

/** The result of a question without parameters to a local node, or undefined where none answers in a second. */
export async function askNode(url: string, method: string): Promise<unknown> {
  try {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(1_000) });
    return ((await response.json()) as { result?: unknown }).result;
  } catch {
    return undefined;
  }
}

/** A port of the loopback interface that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

const running = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
