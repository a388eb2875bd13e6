import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ClientConfig } from 'pg';
import type { LabelRules } from '../labels.ts';
import type { BulkImport, Context, ImportReport, ImportUnit } from '../store.ts';
import { plainContext } from '../view-context.ts';

/** What a worker needs to open the store for itself. */
export interface ImportWorkerData {
  connection: ClientConfig;
  rootKey: string;
  keyFolder: string;
  blobFolder: string;
  baseUrl: string;
  labels: LabelRules;
}

export type ImportAnswer = { report: ImportReport } | { error: string };

/** Units that may wait; beyond it `run` waits before it takes another one. */
const QUEUE = 4;

const STOPPED = 'The import was stopped; send the unit again.';

interface Task {
  unit: ImportUnit;
  context: Context;
  resolve: (report: ImportReport) => void;
  reject: (error: Error) => void;
}

/**
 * Bulk import in worker threads: each validates, seals and writes whole units by itself, so that requests go on being
 * answered meanwhile. Workers start with the first unit.
 */
export class ImportPool implements BulkImport {
  readonly #data: ImportWorkerData;
  readonly #size: number;
  readonly #workers = new Set<Worker>();
  readonly #idle: Worker[] = [];
  readonly #tasks: Task[] = [];
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  constructor(data: ImportWorkerData, size = Math.max(1, Math.min(4, availableParallelism() - 1))) {
    this.#data = data;
    this.#size = size;
  }

  async run(unit: ImportUnit, context: Context): Promise<ImportReport> {
    while (this.#tasks.length >= QUEUE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#closed) throw new Error(STOPPED);
    return new Promise((resolve, reject) => {
      // functions cannot be handed to a worker
      this.#tasks.push({ unit, context: plainContext(context), resolve, reject });
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const workers = [...this.#workers];
    for (const task of this.#tasks.splice(0)) task.reject(new Error(STOPPED));
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #dispatch(): void {
    if (this.#closed || this.#tasks.length === 0) return;
    const worker = this.#idle.pop() ?? this.#start();
    const task = worker && this.#tasks.shift();
    if (!task) return;
    this.#waiting.shift()?.();
    this.#give(worker, task);
  }

  #give(worker: Worker, task: Task): void {
    const ended = (): void => {
      this.#workers.delete(worker);
      task.reject(new Error('The import worker ended; send the unit again.'));
      this.#dispatch();
    };
    worker.once('exit', ended);
    worker.once('message', (answer: ImportAnswer) => {
      worker.off('exit', ended);
      if ('report' in answer) task.resolve(answer.report);
      else task.reject(new Error(answer.error));
      this.#idle.push(worker);
      this.#dispatch();
    });
    worker.postMessage({ unit: task.unit, context: task.context });
  }

  #start(): Worker | undefined {
    if (this.#workers.size >= this.#size) return undefined;
    const worker = new Worker(new URL('import-worker.ts', import.meta.url), { workerData: this.#data });
    worker.unref();
    // what went wrong arrives as the end of the worker
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.#workers.delete(worker);
      const at = this.#idle.indexOf(worker);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    this.#workers.add(worker);
    return worker;
  }
}
