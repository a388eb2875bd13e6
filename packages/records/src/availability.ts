import { StoreError } from './errors.ts';
import { QueueFull } from './group.ts';
import { isTransient, sqlState } from './sql/run.ts';

/** Carries out a request; what the database's absence or overload throws becomes a `StoreError` that says so. */
export async function answering<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asRefusal(error);
  }
}

/** The same for a request that is answered in parts. */
export async function* answeringEach<Part>(parts: AsyncIterable<Part>): AsyncGenerator<Part> {
  try {
    yield* parts;
  } catch (error) {
    throw asRefusal(error);
  }
}

function asRefusal(error: unknown): unknown {
  if (error instanceof QueueFull) return new StoreError('throttled', 503, error.message);
  if (isTransient(error)) {
    return new StoreError('conflict', 409, 'Others changed the same resources at the same moment; send this again.');
  }
  if (!isAway(error)) return error;
  return new StoreError(
    'transient',
    503,
    'The database cannot be reached. Try again in a few seconds; look first whether a write was stored before you repeat it.',
  );
}

/**
 * PostgreSQL error codes (appendix A of its manual) that mean the server, the database or a connection is not to be had:
 * shutdown, crash, start-up, a database that takes no connections, connection exceptions (class 08), insufficient resources (class 53).
 */
const AWAY_STATE = /^(?:57P0[1-3]|55000|08...|53...)$/;
const AWAY_SYSTEM = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENOTFOUND']);
/** What the driver says without a code. */
const AWAY_DRIVER =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection)/;

function isAway(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== undefined) return AWAY_STATE.test(code) || AWAY_SYSTEM.has(code);
  return error instanceof Error && AWAY_DRIVER.test(error.message);
}
