import { AnchorJob, type AnchorJobOptions, type AnchorSource } from '../anchor-job.ts';
import { MemoryAnchorStore } from '../anchor-state.ts';
import type { TestLog } from './test-log.ts';

/** A clock that only moves when told. */
export class TestClock {
  time = Date.UTC(2026, 0, 1);
  now = (): number => this.time;

  sleep = async (milliseconds: number): Promise<void> => {
    this.time += milliseconds;
  };
}

/** A log that grows when told, and may be replaced by another. */
export class TestSource implements AnchorSource {
  log: TestLog;
  size: number;

  constructor(log: TestLog, size: number) {
    this.log = log;
    this.size = size;
  }

  head = async () => (this.size === 0 ? undefined : this.log.head(this.size));
  proveConsistency = async (oldSize: number, newSize: number) => this.log.prove(oldSize, newSize);
}

/** A job with a clock of its own; what `options` leave out is as the defaults say. */
export function testJob(options: Pick<AnchorJobOptions, 'source' | 'openTarget'> & Partial<AnchorJobOptions>): {
  job: AnchorJob;
  clock: TestClock;
} {
  const clock = new TestClock();
  return { job: new AnchorJob({ store: new MemoryAnchorStore(), clock, random: () => 1, ...options }), clock };
}
