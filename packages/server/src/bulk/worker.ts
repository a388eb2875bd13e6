import type { BulkImport, RecordStore } from '@meridian/records';
import type { VisibilityOf } from '../access/visibility-of.ts';
import { runExport } from './export-run.ts';
import { runImport } from './import-run.ts';
import { HEARTBEAT, type Job, type Jobs } from './jobs.ts';

/** Between two looks for jobs that another process left behind. */
const LOOK_EVERY = 20_000;
const SWEEP_EVERY = 3600_000;

export interface WorkerParts {
  jobs: Jobs;
  store: RecordStore;
  visibilityOf: VisibilityOf;
  bulk: BulkImport;
  /** Epoch milliseconds. */
  now: () => number;
  /** Hears of a job that failed through a fault of ours. */
  onFault: (error: unknown) => void;
}

/** Works on bulk jobs, one after the other, beside the requests. */
export class BulkWorker {
  readonly #parts: WorkerParts;
  #stopping = false;
  #working: Promise<void> | undefined;
  #timers: NodeJS.Timeout[] = [];

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  start(): void {
    const look = () => this.#look();
    this.#parts.jobs.onArrival(look);
    this.#timers = [
      setInterval(look, LOOK_EVERY).unref(),
      setInterval(() => this.#parts.jobs.sweep().catch(this.#parts.onFault), SWEEP_EVERY).unref(),
    ];
    look();
  }

  /** Lets the job under way come to its next resting point, and stops. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#working;
  }

  #look(): void {
    if (this.#stopping || this.#working) return;
    this.#working = this.#workOff()
      .catch(this.#parts.onFault)
      .finally(() => {
        this.#working = undefined;
      });
  }

  async #workOff(): Promise<void> {
    while (!this.#stopping) {
      const job = await this.#parts.jobs.take();
      if (!job) return;
      await this.#carryOut(job);
    }
  }

  async #carryOut(job: Job): Promise<void> {
    const { jobs, store, visibilityOf, bulk, now, onFault } = this.#parts;
    const heartbeat = setInterval(() => jobs.renew(job).catch(onFault), HEARTBEAT);
    try {
      const stopping = () => this.#stopping;
      if (job.kind === 'export') await runExport(job, { store, jobs, visibilityOf, now }, stopping);
      else await runImport(job, store, bulk, jobs, stopping);
    } catch (error) {
      onFault(error);
      job.document.failure =
        'The job met an unexpected fault; start it again, and tell the operator if it keeps failing.';
      await jobs.save(job, 'failed');
    } finally {
      clearInterval(heartbeat);
    }
  }
}
