import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './anchor-job.ts';

/** The clock of this machine. Sleeping does not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal, ref: false }).catch(() => undefined),
};
