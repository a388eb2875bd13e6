import { closeSync, openSync, writeSync } from 'node:fs';
import type { ImportCounts, ImportReport } from '@meridian/records';
import { addCounts, type CountsByType, countsOf, noCounts, type UnitResult } from './counts.ts';
import { NO_TYPE, type Unit } from './unit.ts';

/** A resource that was not stored, and why. */
export interface Rejection {
  file: string;
  /** Entry or line of the file, from 0. */
  index: number;
  type: string;
  id?: string;
  issues: ImportReport['rejected'][number]['issues'];
}

/** Rejections kept to be shown; all go to the file of `--rejects`. */
export const SHOWN = 20;

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Adds up what became of every resource that was read. */
export class Reconciliation {
  readonly byType: CountsByType = new Map();
  readonly total: ImportCounts = noCounts();
  readonly firstRejected: Rejection[] = [];
  readonly leftOut: { file: string; reason: string }[] = [];
  unaccounted = 0;
  /** Units that an earlier run had stored. */
  resumedUnits = 0;
  readonly #rejects: number | undefined;

  /** @param rejects path of a file for all rejections, as NDJSON; replaced if it exists */
  constructor(rejects: string | undefined) {
    this.#rejects = rejects === undefined ? undefined : openSync(rejects, 'w', 0o600);
  }

  add(unit: Unit, result: UnitResult): void {
    this.#count(result.counts);
    this.unaccounted += result.unaccounted;
    for (const { index, id, issues } of result.rejected) {
      this.#reject({
        file: unit.source.name,
        index: unit.indexes[index] ?? index,
        // the server repeats what it was sent; only what is a type or an id is shown
        type: unit.types[index] ?? NO_TYPE,
        ...(id !== undefined && ID.test(id) && { id }),
        issues,
      });
    }
  }

  resume(counts: CountsByType): void {
    this.#count(counts);
    this.resumedUnits++;
  }

  /** Of a file, or of the rest of it, nothing could be read. */
  leaveOut(file: string, reason: string): void {
    this.leftOut.push({ file, reason });
  }

  get complete(): boolean {
    return this.total.rejected === 0 && this.leftOut.length === 0 && this.unaccounted === 0;
  }

  close(): void {
    if (this.#rejects !== undefined) closeSync(this.#rejects);
  }

  #count(counts: CountsByType): void {
    for (const [type, each] of counts) {
      addCounts(countsOf(this.byType, type), each);
      addCounts(this.total, each);
    }
  }

  #reject(rejection: Rejection): void {
    if (this.firstRejected.length < SHOWN) this.firstRejected.push(rejection);
    if (this.#rejects !== undefined) writeSync(this.#rejects, `${JSON.stringify(rejection)}\n`);
  }
}
