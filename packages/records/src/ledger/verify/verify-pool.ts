import { Worker } from 'node:worker_threads';
import type { ClientConfig } from 'pg';
import type { LabelRules } from '../../labels.ts';
import type { Finding } from './finding.ts';
import type { PatientRange } from './verify-events.ts';

/** What a worker needs to open the store for itself, in the snapshot that is verified. */
export interface VerifyWorkerData {
  connection: ClientConfig;
  rootKey: string;
  keyFolder: string;
  baseUrl: string;
  labels: LabelRules;
  /** Name of an exported snapshot (`pg_export_snapshot`). */
  snapshot: string;
}

export type VerifyAnswer =
  | { progress: number }
  | { findings: readonly Finding[]; left: number }
  /** Kind of an error, never its message. */
  | { error: string };

/** Parts that the work is cut into for each worker: they do not all have the same number of events. */
const RANGES = 64n;
const LEAST = -(2n ** 63n);

/** Ranges that cover all patients. Patient numbers are keyed hashes, so equal ranges have about equal numbers of them. */
export function patientRanges(): PatientRange[] {
  const width = 2n ** 64n / RANGES;
  return Array.from({ length: Number(RANGES) }, (_, i) => {
    const from = LEAST + BigInt(i) * width;
    return { from, to: from + width - 1n };
  });
}

/** Gives ranges to `parallel` worker threads and collects what they find. */
export async function verifyInWorkers(
  data: VerifyWorkerData,
  asked: readonly PatientRange[],
  parallel: number,
  onProgress: (events: number) => void,
  onFindings: (findings: readonly Finding[], left: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ranges = [...asked];
  const workers: Worker[] = [];
  const stop = (): void => {
    for (const worker of workers) void worker.terminate();
  };
  signal?.addEventListener('abort', stop);
  try {
    await Promise.all(
      Array.from({ length: parallel }, () => {
        const worker = new Worker(new URL('verify-worker.ts', import.meta.url), { workerData: data });
        workers.push(worker);
        return drive(worker, ranges, onProgress, onFindings);
      }),
    );
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}

function drive(
  worker: Worker,
  ranges: PatientRange[],
  onProgress: (events: number) => void,
  onFindings: (findings: readonly Finding[], left: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const range = ranges.shift();
      if (range) worker.postMessage(range);
      else resolve();
    };
    worker.on('message', (answer: VerifyAnswer) => {
      if ('progress' in answer) onProgress(answer.progress);
      else if ('error' in answer)
        reject(new Error(`A part of the verification failed (${answer.error}); run it again.`));
      else {
        onFindings(answer.findings, answer.left);
        next();
      }
    });
    worker.on('error', () => reject(new Error('A verification worker failed; run it again.')));
    worker.on('exit', () => reject(new Error('The verification was stopped.')));
    next();
  });
}
