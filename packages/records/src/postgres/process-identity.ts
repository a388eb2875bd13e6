import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * When a process started, as an opaque word that no other process with this pid ever had; undefined if there is none.
 *
 * A pid alone does not name a process: it is given again after a crash or a reboot. Linux: start time in clock ticks
 * since boot (proc(5), stat field 22) and the boot id. macOS: `ps -o lstart`. Windows tells neither: there the pid must do.
 */
export function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const fields = linuxStat(pid);
    // a zombie has died; only its parent has not noticed yet
    if (fields === undefined || fields[0] === 'Z') return undefined;
    return `${fields[19]}-${bootId()}`;
  }
  if (!isAlive(pid)) return undefined;
  if (process.platform === 'win32') return 'unknown';
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 });
    return started.trim().replace(/[^A-Za-z0-9]+/g, '.');
  } catch {
    return undefined;
  }
}

/** Whether a process with this pid exists and has not ended. */
export function isAlive(pid: number): boolean {
  if (process.platform === 'linux') {
    const fields = linuxStat(pid);
    return fields !== undefined && fields[0] !== 'Z';
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Processes whose working folder is `folder`: every process of a PostgreSQL server works in its data folder, also when
 * the postmaster has died. Undefined where the platform does not tell (anything but Linux).
 */
export function processesIn(folder: string): number[] | undefined {
  if (process.platform !== 'linux') return undefined;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder;
      } catch {
        return false; // ended meanwhile, or of a user whose data folder this cannot be
      }
    });
}

/** Fields of proc(5) stat from `state` on; the command name before it may hold spaces and brackets. */
function linuxStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
  } catch {
    return 'unknown';
  }
}
