import type { ImportCounts, ImportReport } from '@meridian/records';
import { type Batch, NO_TYPE, typeName } from './unit.ts';

/** Counts by resource type. */
export type CountsByType = Map<string, ImportCounts>;

type Refused = ImportReport['rejected'][number];

/** What became of a unit, by the types that we read in it. */
export interface UnitResult {
  counts: CountsByType;
  rejected: readonly Refused[];
  /** Resources that the server's report does not account for. Anything but 0 is a fault. */
  unaccounted: number;
}

export function noCounts(): ImportCounts {
  return { read: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
}

export function countsOf(counts: CountsByType, type: string): ImportCounts {
  const found = counts.get(type) ?? noCounts();
  counts.set(type, found);
  return found;
}

/** Adds in place. */
export function addCounts(to: ImportCounts, more: ImportCounts): void {
  for (const key of Object.keys(to) as (keyof ImportCounts)[]) to[key] += more[key];
}

/** Holds the server's report against what we read ourselves. */
export function compare(unit: Batch, report: ImportReport): UnitResult {
  const counts: CountsByType = new Map();
  for (const [type, reported] of Object.entries(report.byType)) addCounts(countsOf(counts, typeName(type)), reported);
  for (const { type, index } of report.rejected) moveToOurType(counts, typeName(type), unit.types[index] ?? NO_TYPE);
  for (const each of counts.values()) each.read = 0;
  for (const type of unit.types) countsOf(counts, type).read++;
  return { counts, rejected: report.rejected, unaccounted: missing(unit, report, counts) };
}

function missing(unit: Batch, report: ImportReport, counts: CountsByType): number {
  const difference = ({ read, created, updated, unchanged, rejected }: ImportCounts) =>
    Math.abs(read - created - updated - unchanged - rejected);
  // of more than 1,000 rejected ones the server does not tell each, so types cannot be held against each other
  const allTold = report.rejected.length === report.total.rejected;
  if (!allTold) return difference({ ...report.total, read: unit.types.length });
  return [...counts.values()].reduce((sum, each) => sum + difference(each), 0);
}

/** The server has no type for what it could not parse; we may have seen one. */
function moveToOurType(counts: CountsByType, theirs: string, ours: string): void {
  if (theirs === ours || theirs !== NO_TYPE) return;
  countsOf(counts, theirs).rejected--;
  countsOf(counts, ours).rejected++;
}

/** What became of a unit that was sent twice: what the first time stored is found unchanged the second time. */
export function merge(first: UnitResult, second: UnitResult): UnitResult {
  const counts: CountsByType = new Map();
  for (const [type, last] of second.counts) {
    const before = first.counts.get(type) ?? noCounts();
    const created = before.created + last.created;
    const updated = before.updated + last.updated;
    const unchanged = last.read - created - updated - last.rejected;
    counts.set(type, { read: last.read, created, updated, unchanged, rejected: last.rejected });
  }
  return { counts, rejected: second.rejected, unaccounted: first.unaccounted + second.unaccounted };
}

/** A unit that the server refused as a whole. */
export function allRejected(unit: Batch, issues: Refused['issues']): UnitResult {
  const counts: CountsByType = new Map();
  for (const type of unit.types) {
    const each = countsOf(counts, type);
    each.read++;
    each.rejected++;
  }
  return { counts, rejected: unit.types.map((_, index) => ({ index, issues })), unaccounted: 0 };
}

/** What was read, where nothing is sent. */
export function countOnly(unit: Batch): UnitResult {
  const counts: CountsByType = new Map();
  for (const type of unit.types) countsOf(counts, type).read++;
  return { counts, rejected: [], unaccounted: 0 };
}
