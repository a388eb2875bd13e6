/** How often something occurred at a path of the source. */
export interface PathCount {
  /** Such as `PID-3` (HL7 v2), `component/section[48765-2]/entry` (C-CDA), `00100010` (DICOM), `column Name` (CSV). */
  path: string;
  count: number;
}

/** What was left out, and why. */
export interface Dropped extends PathCount {
  reason: string;
}

/** What became as it is part of the result, without being understood. */
export interface Kept extends PathCount {
  /** Where it is now, such as `the original document`, `Composition.section.text`. */
  where: string;
}

/**
 * What a conversion did with everything in its source. Each item of the source with content is counted in exactly one of
 * the three lists, so nothing is dropped without a word.
 */
export interface FidelityReport {
  mapped: readonly PathCount[];
  kept: readonly Kept[];
  dropped: readonly Dropped[];
}

/** Gathers a fidelity report. */
export class Fidelity {
  readonly #mapped = new Map<string, number>();
  readonly #kept = new Map<string, Kept>();
  readonly #dropped = new Map<string, Dropped>();

  mapped(path: string, count = 1): void {
    this.#mapped.set(path, (this.#mapped.get(path) ?? 0) + count);
  }

  kept(path: string, where: string, count = 1): void {
    const key = `${path}\n${where}`;
    this.#kept.set(key, { path, where, count: (this.#kept.get(key)?.count ?? 0) + count });
  }

  dropped(path: string, reason: string, count = 1): void {
    const key = `${path}\n${reason}`;
    this.#dropped.set(key, { path, reason, count: (this.#dropped.get(key)?.count ?? 0) + count });
  }

  /** In the order of paths: the same source gives the same report, byte for byte. */
  report(): FidelityReport {
    const byPath = (a: PathCount, b: PathCount): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
    return {
      mapped: [...this.#mapped].map(([path, count]) => ({ path, count })).sort(byPath),
      kept: [...this.#kept.values()].sort(byPath),
      dropped: [...this.#dropped.values()].sort(byPath),
    };
  }
}

/** The sums of a report: for a line to a person. */
export function countsOf(report: FidelityReport): { mapped: number; kept: number; dropped: number } {
  const sum = (list: readonly PathCount[]): number => list.reduce((total, { count }) => total + count, 0);
  return { mapped: sum(report.mapped), kept: sum(report.kept), dropped: sum(report.dropped) };
}
