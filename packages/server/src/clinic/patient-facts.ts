import { type PatientFacts, patientFacts } from '@meridian/clinic';
import { parseJson, type Resource } from '@meridian/fhir';
import type { RecordStore } from '@meridian/records';
import { LRUCache } from 'lru-cache';

const MOST = 10_000;
const FRESH = 60_000;
const MAX_JSON = { depth: 66 };

/** Sex and birth date of patients, for limits that depend on them: asked for with every result that is written. */
export class KnownFacts {
  readonly #evidence: RecordStore['evidence'];
  readonly #known = new LRUCache<string, PatientFacts>({ max: MOST, ttl: FRESH });
  readonly #stop: () => void;

  constructor(store: Pick<RecordStore, 'evidence' | 'onCommitted'>) {
    this.#evidence = store.evidence;
    this.#stop = store.onCommitted(({ type, id }) => {
      if (type !== 'Patient') return;
      if (id === undefined) this.#known.clear();
      else this.#known.delete(id);
    });
  }

  close(): void {
    this.#stop();
  }

  async of(patientId: string): Promise<PatientFacts> {
    const known = this.#known.get(patientId);
    if (known) return known;
    const stored = await this.#evidence.read('Patient', patientId);
    const facts = stored?.json ? patientFacts(parseJson(stored.json.toString('utf8'), MAX_JSON) as Resource) : {};
    this.#known.set(patientId, facts);
    return facts;
  }
}
