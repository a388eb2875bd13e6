import { setTimeout as sleep } from 'node:timers/promises';

/** How long a command waits for a server that is away or busy before it gives up. */
export interface Patience {
  /** Milliseconds from the first failure. */
  total: number;
  /** Milliseconds before the second try; doubles up to `longest`. */
  first: number;
  longest: number;
}

/** Two minutes: time to start a server again. */
export const PATIENT: Patience = { total: 120_000, first: 250, longest: 10_000 };

/** A failure that may pass. Thrown by what is tried, and by `retry` in the end. */
export class Passing extends Error {
  override readonly name = 'Passing';
  /** Milliseconds that the server asked us to wait. */
  readonly wait: number | undefined;

  constructor(message: string, wait?: number) {
    super(message);
    this.wait = wait;
  }
}

/** Tries until it does not fail with Passing, or patience ends. Rejects with an AbortError when stopped. */
export async function retry<T>(
  patience: Patience,
  now: () => number,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  let begun: number | undefined;
  for (let pause = patience.first; ; pause = Math.min(patience.longest, pause * 2)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      begun ??= now();
      const wait = Math.min(Math.max(pause, error.wait ?? 0), 60_000);
      if (now() + wait - begun > patience.total) throw error;
      await sleep(wait, undefined, { signal });
    }
  }
}

/** Milliseconds of a Retry-After header in seconds (RFC 9110 §10.2.3); undefined for a date or none. */
export function retryAfter(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}
