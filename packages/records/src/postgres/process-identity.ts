import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';

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

/** A word for a folder that holds while the machine runs: stands in the command line of the server that serves it. */
export function tagOf(folder: string): string {
  const { dev, ino } = statSync(folder);
  return `meridian-${dev}-${ino}`;
}

/**
 * Processes of the folder's owner that work in it or carry its tag: every process of a PostgreSQL server does both, also
 * when the postmaster has died. (Where a process works can be kept from root, in containers without CAP_SYS_PTRACE; what
 * it is called cannot.) Undefined where the platform does not tell: anything but Linux.
 */
export function processesOf(folder: string): number[] | undefined {
  if (process.platform !== 'linux') return undefined;
  const realPath = realpathSync(folder);
  const { uid } = statSync(realPath);
  const tag = tagOf(realPath);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(
      (pid) => isAlive(pid) && ownerOf(pid) === uid && (worksIn(pid) === realPath || commandOf(pid).includes(tag)),
    );
}

function ownerOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}

function worksIn(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // ended meanwhile, or none of our business
  }
}

/** Words of the command line; PostgreSQL's processes replace theirs by a title that names the cluster. */
function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 :=]+/);
  } catch {
    return [];
  }
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
