import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export const REPOSITORY = resolve(import.meta.dirname, '..');
export const MAIN = join(REPOSITORY, 'packages', 'cli', 'src', 'main.ts');

export interface Finished {
  /** Undefined where a signal ended it. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** The environment of this process without what would change how Meridian runs. */
export function plainEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(MERIDIAN_|VITEST|NODE_OPTIONS$)/.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/**
 * Runs `meridian ARGUMENTS…` to its end.
 *
 * @param killAfter milliseconds after which it is killed with SIGKILL
 */
export async function meridian(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  killAfter?: number,
): Promise<Finished> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: plainEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  const code = await new Promise<number | null>((ended, failed) => {
    child.once('error', failed);
    child.once('close', ended);
  });
  clearTimeout(timer);
  return {
    code: code ?? undefined,
    stdout: Buffer.concat(stdout).toString('utf8'),
    stderr: Buffer.concat(stderr).toString('utf8'),
  };
}
