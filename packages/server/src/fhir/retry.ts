import { StoreError } from '@meridian/records';
import { refusal } from '../http/http-error.ts';

const MOST_TRIES = 5;

/** Thrown by `conflict()`: this try met another writer. */
class Conflict extends Error {}

/**
 * Runs `work`, which reads and then writes what it read, again when somebody else wrote in between.
 *
 * @param again false: the caller itself said which version it means, so a conflict is its answer
 */
export async function retryConflicts<Result>(
  work: (conflict: () => never) => Promise<Result>,
  again: boolean,
): Promise<Result> {
  const conflict = (): never => {
    throw new Conflict();
  };
  for (let tries = 1; ; tries++) {
    try {
      return await work(conflict);
    } catch (error) {
      if (!(error instanceof Conflict) && !(again && isConflict(error))) throw error;
      if (tries === MOST_TRIES) {
        throw refusal(409, 'conflict', 'Others keep changing this resource; read it again and repeat the request.');
      }
    }
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof StoreError && (error.status === 409 || error.status === 412) && error.code === 'conflict';
}
