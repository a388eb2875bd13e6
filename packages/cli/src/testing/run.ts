import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { runCommand } from '../run-command.ts';

export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Lines that appear or not by the speed of the machine. */
const PROGRESS = /^(?:Importing|Writing|Counting): \d+% .*\n/gm;

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'meridian-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command in this process. Lines of progress are left out of what it printed. */
export async function run(
  args: readonly string[],
  environment: Record<string, string> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<RunResult> {
  const stdout = new Text();
  const stderr = new Text();
  const code = await runCommand(args, { stdout, stderr, environment, now: Date.now, signal });
  return { code, stdout: stdout.text, stderr: stderr.text.replace(PROGRESS, '') };
}

/** Starts the command as a process of its own, which can be killed. */
export function start(args: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  const main = join(import.meta.dirname, '..', 'main.ts');
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Waits until the process has printed something that matches. Rejects if it ends without. */
export function printed(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const take = (chunk: Buffer) => {
      text += chunk;
      if (pattern.test(text)) resolve();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('exit', (code) => reject(new Error(`It ended with ${code} before it printed ${pattern}: ${text}`)));
  });
}

export function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

/** A port that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

class Text extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}
