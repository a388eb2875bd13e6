import { parseJson, patientIdOf, type Resource, type SearchQuery } from '@meridian/fhir';
import type { Change, Evidence as StoredEvidence, StoredVersion } from '@meridian/records';

/**
 * What decisions read from the store: without views, because nobody sees it, and without visibility, because visibility
 * is what it decides.
 */
export interface Evidence {
  /** Current versions that match, at most `limit`; undefined where there are more. */
  search(query: SearchQuery, limit: number): Promise<readonly Resource[] | undefined>;
  /** The same within the record of one patient (its number). */
  ofPatient(patient: bigint, query: SearchQuery, limit: number): Promise<readonly Resource[] | undefined>;
  read(type: string, id: string): Promise<Resource | undefined>;
  /** Numbers of the patients in whose records a match is; at most `limit`. */
  patients(query: SearchQuery, limit: number): Promise<readonly bigint[]>;
  /** The number of the Patient with this logical id. */
  patientNumber(id: string): bigint;
  /** Tells of committed writes; `patient` undefined: of some. Answers how to stop it. */
  onCommitted(listener: (change: Pick<Change, 'type' | 'patient'>) => void): () => void;
}

/** The part of the record store that decisions need. */
export interface EvidenceStore {
  evidence: StoredEvidence;
  patientNumber(id: string): bigint;
  onCommitted(listener: (change: Change) => void): () => void;
}

const PAGE = 500;
const MAX_JSON = { depth: 64 };

/** Evidence from the record store. */
export function storeEvidence(store: EvidenceStore, baseUrl?: string): Evidence {
  const search = async (query: SearchQuery, limit: number, patient?: bigint): Promise<Resource[] | undefined> => {
    const found: Resource[] = [];
    let cursor: string | undefined;
    do {
      const asked = { ...query, count: Math.min(PAGE, limit + 1), ...(cursor !== undefined && { cursor }) };
      const page = await store.evidence.search(asked, patient);
      found.push(...page.matches.flatMap(resourceOf));
      if (found.length > limit) return undefined;
      cursor = page.next;
    } while (cursor !== undefined);
    return found;
  };
  return {
    search: (query, limit) => search(query, limit),
    ofPatient: async (patient, query, limit) => {
      const found = await search(query, limit, patient);
      // a record of somebody else here would lend that patient's care and consents to this one
      return found?.filter((resource) => {
        const id = patientIdOf(resource, baseUrl);
        return id !== undefined && store.patientNumber(id) === patient;
      });
    },
    read: async (type, id) => {
      const version = await store.evidence.read(type, id);
      return version && resourceOf(version)[0];
    },
    patients: (query, limit) => store.evidence.patients(query, limit),
    patientNumber: (id) => store.patientNumber(id),
    onCommitted: (listener) => store.onCommitted(listener),
  };
}

function resourceOf({ json }: StoredVersion): Resource[] {
  return json === undefined ? [] : [parseJson(json.toString('utf8'), MAX_JSON) as Resource];
}
