import { randomUUID } from 'node:crypto';
import type { Ledger, VerifyProgress, VerifyReport } from '@meridian/records';

/** What `GET /ledger/$verify/{id}` answers. */
export type VerifyState =
  | ({ state: 'running' } & VerifyProgress)
  | { state: 'finished'; report: VerifyReport }
  | { state: 'failed' };

/** The one verification of this process: a second request joins the one that runs. */
export class VerifyJob {
  readonly #ledger: Ledger;
  readonly #onFault: (error: unknown) => void;
  readonly #stop = new AbortController();
  #current: { id: string; state: VerifyState } | undefined;

  constructor(ledger: Ledger, onFault: (error: unknown) => void) {
    this.#ledger = ledger;
    this.#onFault = onFault;
  }

  /** Starts a verification unless one runs; gives its id. */
  start(): string {
    if (this.#current?.state.state === 'running') return this.#current.id;
    const job: { id: string; state: VerifyState } = {
      id: randomUUID(),
      state: { state: 'running', done: 0, total: 0 },
    };
    this.#current = job;
    const onProgress = (progress: VerifyProgress): void => {
      job.state = { state: 'running', ...progress };
    };
    this.#ledger.verify(onProgress, this.#stop.signal).then(
      (report) => {
        job.state = { state: 'finished', report };
      },
      (error: unknown) => {
        job.state = { state: 'failed' };
        if (!this.#stop.signal.aborted) this.#onFault(error);
      },
    );
    return job.id;
  }

  /** Undefined where this process knows no such verification. */
  state(id: string): VerifyState | undefined {
    return this.#current?.id === id ? this.#current.state : undefined;
  }

  close(): void {
    this.#stop.abort();
  }
}
