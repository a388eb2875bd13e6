import type { Writable } from 'node:stream';

/** What a command has to do with: everything it takes from outside, so that tests can run it in their own process. */
export interface Surroundings {
  stdout: Writable;
  stderr: Writable;
  environment: Readonly<Record<string, string | undefined>>;
  /** Epoch milliseconds. */
  now(): number;
  /** Aborted by the first SIGINT or SIGTERM: stop what is under way, keep what lets it go on. */
  signal: AbortSignal;
}
