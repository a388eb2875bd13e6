import { hash } from 'node:crypto';
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportCounts } from '@meridian/records';
import type { CountsByType } from './counts.ts';
import { isObject, type Unit } from './unit.ts';

/**
 * Remembers which units of a job have been stored, so that the same command, run again after it was killed, does not send
 * them again. It holds SHA-256 digests of units and counts, and no record text; it goes away when the job ends.
 *
 * Only units without a rejected resource are remembered: the others are sent again, so that the reasons can be told.
 * Losing the journal costs time, not correctness: the server knows what it has.
 */
export class Journal {
  readonly #path: string;
  readonly #file: number;
  readonly #done: Map<string, CountsByType>;

  private constructor(path: string, file: number, done: Map<string, CountsByType>) {
    this.#path = path;
    this.#file = file;
    this.#done = done;
  }

  /**
   * Opens the journal of a job, or begins it.
   *
   * @param job what makes it this job: the server's key, and the files
   */
  static open(folder: string, job: readonly string[]): Journal {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${hash('sha256', JSON.stringify(job))}.journal`);
    const file = openSync(path, 'a+', 0o600);
    return new Journal(path, file, new Map(readLines(path)));
  }

  /** What was stored for a unit by an earlier run; undefined: it has to be sent. */
  stored(unit: Unit): CountsByType | undefined {
    return this.#done.size > 0 ? this.#done.get(digestOf(unit)) : undefined;
  }

  /** Remembers a unit. Not synced: a lost line is a unit sent twice. */
  add(unit: Unit, counts: CountsByType): void {
    appendFileSync(this.#file, `${JSON.stringify([digestOf(unit), Object.fromEntries(counts)])}\n`);
  }

  /** Leaves it for the next run. */
  close(): void {
    closeSync(this.#file);
  }

  /** The job has ended. */
  remove(): void {
    this.close();
    rmSync(this.#path, { force: true });
  }
}

function digestOf(unit: Unit): string {
  return hash('sha256', unit.body);
}

/** What a kill left half-written, or anything else that is no line of ours, counts as not there. */
function* readLines(path: string): Generator<[string, CountsByType]> {
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    try {
      const [digest, counts] = JSON.parse(line) as [unknown, unknown];
      if (typeof digest !== 'string' || !isObject(counts)) continue;
      const entries = Object.entries(counts);
      if (entries.every((entry): entry is [string, ImportCounts] => isCounts(entry[1])))
        yield [digest, new Map(entries)];
    } catch {}
  }
}

function isCounts(value: unknown): value is ImportCounts {
  const names = ['read', 'created', 'updated', 'unchanged', 'rejected'];
  return isObject(value) && names.every((name) => Number.isSafeInteger(value[name]));
}
