import type { Pool } from 'pg';
import type { KeyRing } from '../../keys/key-ring.ts';
import { PostgresLog } from '../postgres-log.ts';
import { type Finding, Findings } from './finding.ts';
import { beginSnapshot, exportSnapshot } from './snapshot.ts';
import { verifyCoverage } from './verify-coverage.ts';
import { type PatientRange, verifyEvents } from './verify-events.ts';
import { type LogParts, verifyLog } from './verify-log.ts';
import { patientRanges, type VerifyWorkerData, verifyInWorkers } from './verify-pool.ts';
import type { VersionParts } from './verify-version.ts';

/** How far a verification is: leaves audited and events checked, of twice the size of the log. */
export interface VerifyProgress {
  done: number;
  total: number;
}

export interface VerifyReport {
  ok: boolean;
  /** Leaves of the log. */
  leaves: number;
  findings: readonly Finding[];
  /** How many more there were than are listed. */
  left: number;
  seconds: number;
}

export interface VerifyOptions extends VersionParts {
  /** Without a limit on the time of a statement. */
  pool: Pool;
  keys: KeyRing;
  log: Omit<LogParts, 'onProgress'>;
  /** What worker threads need, and how many to use; absent, all is done in this thread. */
  workers?: Omit<VerifyWorkerData, 'snapshot'> & { parallel: number };
  /** A part of the work: the events and records of some patients, or the log and the rules that need everything. */
  only?: { ranges: readonly PatientRange[] } | 'log';
  onProgress?: (progress: VerifyProgress) => void;
  signal?: AbortSignal;
}

/**
 * Checks everything that is stored against the log, and the log against its checkpoint and those who have seen it: each
 * event against its leaf, each chain, each record version and its index against its event, each tile and entry. Sees one
 * state of the database from beginning to end, while reads and writes go on.
 */
export async function verifyDatabase(options: VerifyOptions): Promise<VerifyReport> {
  const started = performance.now();
  const findings = new Findings();
  const client = await options.pool.connect();
  let broken = true;
  try {
    await beginSnapshot(client);
    const expected = await new PostgresLog(client).size().catch(() => 0);
    const progress = { done: 0, total: 2 * expected };
    let audited = 0;
    const add = (count: number): void => {
      progress.done += count;
      options.onProgress?.({ ...progress });
    };
    const log = {
      ...options.log,
      onProgress: (leaves: number) => {
        options.signal?.throwIfAborted();
        add(Math.max(0, leaves - audited));
        audited = Math.max(audited, leaves);
      },
    };
    const { only } = options;
    const ranges = only === undefined ? patientRanges() : only === 'log' ? [] : only.ranges;
    const size = typeof only === 'object' ? expected : await verifyLog(client, log, findings);
    if (options.workers && ranges.length > 0) {
      const { parallel, ...data } = options.workers;
      const snapshot = await exportSnapshot(client);
      const take = (found: readonly Finding[], left: number): void => findings.addAll(found, left);
      await verifyInWorkers({ ...data, snapshot }, ranges, parallel, add, take, options.signal);
    } else {
      for (const range of ranges) {
        options.signal?.throwIfAborted();
        const found = await verifyEvents(client, range, { ...options, onProgress: add });
        findings.addAll(found.list, found.left);
      }
    }
    if (typeof only !== 'object') await verifyCoverage(client, size, options, findings);
    await client.query('COMMIT');
    broken = false;
    const { list, left } = findings;
    const seconds = (performance.now() - started) / 1000;
    return { ok: list.length === 0, leaves: size, findings: list, left, seconds };
  } finally {
    client.release(broken);
  }
}
