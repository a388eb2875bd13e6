import type { Progress } from '../terminal/progress.ts';
import { merge, type UnitResult } from './counts.ts';
import { inParallel } from './in-parallel.ts';
import type { Journal } from './journal.ts';
import { inOrder } from './order.ts';
import type { Reconciliation } from './reconciliation.ts';
import { type Source, UnreadableFile } from './source.ts';
import type { Unit } from './unit.ts';
import { unitsOf } from './units.ts';

/** How often what was rejected for a reason that may pass is sent again: what it waits for may itself wait for something. */
const CHANCES = 2;
const PASSING: ReadonlySet<string> = new Set(['not-found', 'exception', 'transient', 'timeout', 'conflict']);

export interface ImportJob {
  sources: readonly Source[];
  send: (unit: Unit) => Promise<UnitResult>;
  /** Undefined: nothing is remembered. */
  journal: Journal | undefined;
  reconciliation: Reconciliation;
  progress: Progress;
  /** Units under way at a time. */
  parallel: number;
  signal: AbortSignal;
}

/**
 * Imports all files and adds up what became of them. Throws what `send` throws, and an AbortError when stopped; then the
 * same job can be run again.
 */
export async function runImport(job: ImportJob): Promise<void> {
  let again = new SecondChances();
  for (const group of await inOrder(job.sources, job.signal)) {
    await inParallel(unitsOfAll(job, group), job.parallel, (unit) => first(job, unit, again));
  }
  for (let chance = 1; chance <= CHANCES; chance++) again = await repeat(job, again, chance === CHANCES);
}

/** Sends units once more; gives those that may pass yet another time. */
async function repeat(job: ImportJob, again: SecondChances, last: boolean): Promise<SecondChances> {
  const next = new SecondChances();
  await inParallel(again.units(job.signal), job.parallel, async (unit) => {
    const second = await job.send(unit);
    const result = merge(again.take(unit), second);
    if (!last && mayPass(result)) next.add(unit, result);
    else job.reconciliation.add(unit, result);
  });
  for (const [unit, result] of again.left()) {
    job.reconciliation.add(unit, result);
    job.reconciliation.leaveOut(unit.source.name, 'It changed while it was imported; import it again.');
  }
  return next;
}

async function first(job: ImportJob, unit: Unit, again: SecondChances): Promise<void> {
  const { journal, reconciliation, progress } = job;
  const stored = journal?.stored(unit);
  if (stored) {
    reconciliation.resume(stored);
  } else {
    const result = await job.send(unit);
    if (mayPass(result)) again.add(unit, result);
    else {
      reconciliation.add(unit, result);
      if (result.rejected.length === 0 && result.unaccounted === 0) journal?.add(unit, result.counts);
    }
  }
  progress.add(unit.share, unit.types.length);
}

/** A reference that found nothing may find it once everything else is in; a fault of the server may have been one of load. */
function mayPass({ rejected }: UnitResult): boolean {
  return rejected.some(({ issues }) => issues.some(({ code }) => PASSING.has(code)));
}

async function* unitsOfAll(job: ImportJob, sources: readonly Source[]): AsyncGenerator<Unit> {
  for (const source of sources) {
    try {
      for await (const unit of unitsOf(source)) {
        job.signal.throwIfAborted();
        yield unit;
      }
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      job.reconciliation.leaveOut(source.name, error.message);
    }
  }
}

/**
 * Units to be sent once more at the end. Their bodies are not kept: the file is read again, because all of them together
 * may be larger than memory, and sending a unit again stores nothing twice.
 */
class SecondChances {
  readonly #bySource = new Map<Source, Map<number, [Unit, UnitResult]>>();

  add(unit: Unit, result: UnitResult): void {
    const units = this.#bySource.get(unit.source) ?? new Map<number, [Unit, UnitResult]>();
    units.set(unit.ordinal, [{ ...unit, body: Buffer.alloc(0) }, result]);
    this.#bySource.set(unit.source, units);
  }

  /** Those that stand in their files as they did before. */
  async *units(signal: AbortSignal): AsyncGenerator<Unit> {
    for (const [source, units] of this.#bySource) {
      let left = units.size;
      for await (const unit of unitsOf(source)) {
        signal.throwIfAborted();
        const [before] = units.get(unit.ordinal) ?? [];
        if (before?.types.join() === unit.types.join()) yield unit;
        if (before && --left === 0) break;
      }
    }
  }

  /** The first result of a unit that has been sent again. */
  take(unit: Unit): UnitResult {
    const units = this.#bySource.get(unit.source);
    const found = units?.get(unit.ordinal);
    if (found === undefined) throw new RangeError('This unit has no first result.');
    units?.delete(unit.ordinal);
    return found[1];
  }

  left(): [Unit, UnitResult][] {
    return [...this.#bySource.values()].flatMap((units) => [...units.values()]);
  }
}
