import { matches, patientIdOf, type Resource, type SearchQuery } from '@meridian/fhir';
import { labelsOf } from '@meridian/records';
import type { Evidence } from '../evidence.ts';
import type { SeenRecord } from '../rules/evaluate.ts';

/** Records in memory that decisions can be made from, in place of a database. */
export class World {
  readonly #records = new Map<string, Resource>();
  readonly #listeners = new Set<(change: { type: string; patient: bigint | undefined }) => void>();
  /** Searches that were answered: what is remembered is not asked again. */
  asked = 0;

  constructor(records: readonly Resource[] = []) {
    for (const record of records) this.put(record);
  }

  put(record: Resource): void {
    this.#records.set(`${record.resourceType}/${record.id}`, record);
    const id = patientIdOf(record);
    for (const listener of this.#listeners) {
      listener({ type: record.resourceType, patient: id === undefined ? 0n : numberOf(id) });
    }
  }

  /** All records as rules see them. */
  seen(): SeenRecord[] {
    return [...this.#records.values()].map(seenRecord);
  }

  readonly evidence: Evidence = {
    search: async (query, limit) => this.#page(this.#find(query), limit),
    ofPatient: async (patient, query, limit) => {
      const found = this.#find(query).filter((record) => seenRecord(record).patient === patient);
      return this.#page(found, limit);
    },
    read: async (type, id) => this.#records.get(`${type}/${id}`),
    patients: async (query, limit) => {
      const numbers = this.#find(query).map((record) => seenRecord(record).patient);
      return [...new Set(numbers)].filter((patient) => patient !== 0n).slice(0, limit);
    },
    patientNumber: numberOf,
    onCommitted: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };

  #find({ types, filters }: SearchQuery): Resource[] {
    this.asked++;
    return [...this.#records.values()].filter(
      (record) => types.includes(record.resourceType) && matches(filters, record),
    );
  }

  #page(found: Resource[], limit: number): Resource[] | undefined {
    return found.length > limit ? undefined : found;
  }
}

function seenRecord(resource: Resource): SeenRecord {
  const id = patientIdOf(resource);
  return { resource, patient: id === undefined ? 0n : numberOf(id), labels: labelsOf(resource, []) };
}

/** A number for a Patient's id that is the same each time: its bytes, read as one number. */
export function numberOf(id: string): bigint {
  return BigInt(`0x${Buffer.from(id).toString('hex')}`);
}
