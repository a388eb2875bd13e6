import { type ChildProcess, spawn } from 'node:child_process';
import { ConversionError } from '../evidence/converter.ts';
import { type Confinement, confinementHere, memoryOf } from './confinement.ts';
import type { ConversionJob, ConversionOutput } from './conversion-job.ts';

/** Too many conversions are asked for at once: the caller should try again soon. */
export class SandboxBusy extends Error {
  constructor() {
    super('Too many files are being converted; try again in a few seconds.');
    this.name = 'SandboxBusy';
  }
}

export interface SandboxLimits {
  /** Conversions at a time. */
  processes: number;
  /** Milliseconds that one may take. */
  time: number;
  /** Bytes of memory that a process may have, everything included. */
  memory: number;
  /** Conversions after which a process makes way for a fresh one. */
  jobs: number;
  /** Jobs that wait; more are refused. */
  waiting: number;
}

export const SANDBOX_LIMITS: SandboxLimits = {
  processes: 2,
  time: 60_000,
  memory: 1536 * 1024 * 1024,
  jobs: 200,
  waiting: 100,
};

const WATCH = 100;
const TOO_MUCH = 'The file takes too much time or memory to convert; make it smaller, or split it.';

interface Waiting {
  job: ConversionJob;
  resolve(output: ConversionOutput): void;
  reject(error: Error): void;
}

interface Keeper {
  child: ChildProcess;
  done: number;
}

/**
 * Converts in processes of their own, which are kept warm: a file that is made to do harm costs its own conversion and a
 * clear sentence. Such a process gets the source by a pipe and answers by the same, so nothing is written to a disk.
 */
export class Sandbox {
  readonly #limits: SandboxLimits;
  readonly #idle: Keeper[] = [];
  readonly #all = new Set<ChildProcess>();
  readonly #waiting: Waiting[] = [];
  #confinement: Promise<Confinement> | undefined;
  #running = 0;
  #closed = false;

  constructor(limits: Partial<SandboxLimits> = {}) {
    this.#limits = { ...SANDBOX_LIMITS, ...limits };
  }

  /** Rejects with ConversionError where it cannot be made within the limits, SandboxBusy where too many wait. */
  convert(job: ConversionJob): Promise<ConversionOutput> {
    if (this.#closed || this.#waiting.length >= this.#limits.waiting) return Promise.reject(new SandboxBusy());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      void this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new SandboxBusy());
    const gone = [...this.#all].map(
      (child) => new Promise<void>((resolve) => (isGone(child) ? resolve() : child.once('exit', () => resolve()))),
    );
    for (const child of this.#all) child.kill('SIGKILL');
    await Promise.all(gone);
  }

  async #next(): Promise<void> {
    if (this.#running >= this.#limits.processes) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    this.#running++;
    try {
      const keeper = this.#idle.pop() ?? (await this.#start());
      waiting.resolve(await this.#run(keeper, waiting.job));
    } catch (error) {
      waiting.reject(error instanceof Error ? error : new ConversionError(TOO_MUCH));
    } finally {
      this.#running--;
      void this.#next();
    }
  }

  async #start(): Promise<Keeper> {
    this.#confinement ??= confinementHere();
    const [program, ...args] = (await this.#confinement).command;
    if (this.#closed) throw new SandboxBusy();
    const child = spawn(program, args, {
      // no environment: it may hold the names of keys and databases
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    this.#all.add(child);
    child.on('error', () => this.#all.delete(child));
    child.once('exit', () => {
      this.#all.delete(child);
      const at = this.#idle.findIndex((keeper) => keeper.child === child);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    await new Promise<void>((resolve, reject) => {
      const failed = (): void => reject(new SandboxBusy());
      child.once('error', failed).once('exit', failed);
      child.once('message', () => {
        child.off('error', failed).off('exit', failed);
        resolve();
      });
    });
    return { child, done: 0 };
  }

  #run(keeper: Keeper, job: ConversionJob): Promise<ConversionOutput> {
    const { child } = keeper;
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void, keep: boolean): void => {
        clearTimeout(timer);
        clearInterval(watch);
        child.off('exit', fail).off('error', fail).off('message', answered);
        if (keep && ++keeper.done < this.#limits.jobs && !this.#closed) this.#idle.push(keeper);
        else child.kill('SIGKILL');
        settle();
      };
      const fail = (): void => finish(() => reject(new ConversionError(TOO_MUCH)), false);
      const answered = ({ output, problem = TOO_MUCH }: { output?: ConversionOutput; problem?: string }): void => {
        if (output === undefined) finish(() => reject(new ConversionError(problem)), true);
        else finish(() => resolve(output), true);
      };
      const timer = setTimeout(fail, this.#limits.time);
      const watch = setInterval(() => {
        void memoryOf(child.pid ?? 0).then((bytes) => {
          if (bytes > this.#limits.memory) child.kill('SIGKILL');
        });
      }, WATCH);
      child.on('exit', fail).on('error', fail).on('message', answered);
      child.send(job, (error) => {
        if (error) fail();
      });
    });
  }
}

function isGone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}
