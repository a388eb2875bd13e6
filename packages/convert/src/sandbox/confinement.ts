import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** JavaScript memory of a process. MiB. */
const HEAP = 512;
/** Seconds of processor time of a process over its whole life: for one whose parent is gone. */
const LONGEST_LIFE = 1800;
const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const MAIN = join(import.meta.dirname, 'sandbox-process.ts');

/** What keeps a converting process in its bounds on this machine. */
export interface Confinement {
  /** Program and arguments that start it. */
  command: readonly [string, ...string[]];
  /** Whether the process is without a network of any kind. */
  hasNoNetwork: boolean;
}

/**
 * Node's permission model lets the process read the program's own files and nothing else, write nothing, start nothing.
 * Where Linux has `prlimit` and `unshare`, the kernel says the same of files, and takes the network away.
 */
export async function confinementHere(): Promise<Confinement> {
  const node: [string, ...string[]] = [
    process.execPath,
    '--permission',
    `--allow-fs-read=${join(ROOT, 'packages')}`,
    `--allow-fs-read=${join(ROOT, 'node_modules')}`,
    '--allow-addons',
    `--max-old-space-size=${HEAP}`,
    '--disable-warning=SecurityWarning',
    MAIN,
  ];
  const limit = ['prlimit', '--fsize=0', '--core=0', `--cpu=${LONGEST_LIFE}`] as const;
  const alone = ['unshare', '--map-root-user', '--net'] as const;
  const [hasLimits, hasNoNetwork] = await Promise.all([works(...limit, 'true'), works(...alone, 'true')]);
  const command = [...(hasLimits ? limit : []), ...(hasNoNetwork ? alone : []), ...node];
  return { command: command as [string, ...string[]], hasNoNetwork };
}

function works(program: string, ...args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 5000 }, (error) => resolve(error === null));
  });
}

/** Memory of a process in bytes, everything included; 0 where the system does not tell. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
