import { type Issue, isResourceType, type Resource } from '@meridian/fhir';
import type { ImportCounts, ImportReport } from '../store.ts';

const SHOWN = 1000;

/** Counts what becomes of each resource of a unit. */
export class Tally {
  readonly report: ImportReport = { total: none(), byType: {}, rejected: [] };

  count(type: string, outcome: 'created' | 'updated' | 'unchanged'): void {
    for (const counts of this.#of(type)) {
      counts.read++;
      counts[outcome]++;
    }
  }

  reject(index: number, resource: Resource | undefined, issues: Issue[]): void {
    // an unknown type is whatever stood in the file: not to be repeated
    const type = resource && isResourceType(resource.resourceType) ? resource.resourceType : undefined;
    for (const counts of this.#of(type ?? 'unreadable')) {
      counts.read++;
      counts.rejected++;
    }
    if (this.report.rejected.length >= SHOWN) return;
    this.report.rejected.push({ index, ...(type && { type }), ...(resource?.id && { id: resource.id }), issues });
  }

  #of(type: string): ImportCounts[] {
    const counts = this.report.byType[type] ?? none();
    this.report.byType[type] = counts;
    return [this.report.total, counts];
  }
}

function none(): ImportCounts {
  return { read: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
}
