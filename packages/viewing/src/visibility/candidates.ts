import { parseSearch, patientIdOf, type SearchQuery } from '@meridian/fhir';
import type { Evidence } from '../evidence.ts';
import type { Grant } from '../grants/grant.ts';
import { type CareFact, type CareTerms, careFact } from '../relations/care-facts.ts';
import { careQueries } from '../relations/care-queries.ts';
import type { Viewer } from '../viewer.ts';
import { ACTIVE_CONSENTS, type Names } from './patient-knowledge.ts';

/** Patients who may get a rule of their own in a search across patients. */
export const MOST_PATIENTS = 2_000;
/** Patients with consents that can be excepted from what is open to strangers. */
const MOST_WITH_CONSENT = 10_000;
/** Encounters and the like of one kind that may be looked through for one viewer. */
const MOST_FACTS = 5_000;
/** References that one search may name. */
const MOST_NAMES = 100;

export interface CandidateOptions {
  evidence: Evidence;
  terms: CareTerms;
  viewer: Viewer;
  names: Names;
  baseUrl: string | undefined;
  grants: readonly Grant[];
  /** Whether every patient with a consent needs a rule, because policy opens something to strangers that a No closes. */
  allWithConsent: boolean;
  now: number;
}

export interface Candidates {
  /** Patients with a rule of their own, and what puts them in the viewer's care. */
  patients: ReadonlyMap<bigint, readonly CareFact[]>;
  /** All patients with an active Consent; undefined: too many to name. */
  withConsent: readonly bigint[] | undefined;
}

/**
 * The patients for whom a viewer may see more, or less, than a stranger. A consent that opens a record to somebody who is
 * not caring for the patient is found here if its outer provision names the viewer, a role or an organisation of the
 * viewer (search parameter `actor`); what other consents open is found when the patient is named.
 */
export async function candidatePatients(options: CandidateOptions): Promise<Candidates | 'too-many'> {
  const { evidence, viewer, grants } = options;
  const withConsent = await evidence.patients(ACTIVE_CONSENTS, MOST_WITH_CONSENT + 1);
  const known = withConsent.length <= MOST_WITH_CONSENT ? withConsent : undefined;
  const [care, named] = await Promise.all([careByPatient(options), namedInConsents(options)]);
  if (!care) return 'too-many';
  const patients = new Map<bigint, readonly CareFact[]>(care);
  const add = (patient: bigint): void => {
    if (!patients.has(patient)) patients.set(patient, []);
  };
  const ids = [
    viewer.patientId,
    ...viewer.proxyFor.map(({ patientId }) => patientId),
    ...grants.map((g) => g.patientId),
  ];
  for (const id of ids) if (id !== undefined) add(evidence.patientNumber(id));
  for (const patient of named) add(patient);
  if (options.allWithConsent) {
    if (!known) return 'too-many';
    for (const patient of known) add(patient);
  }
  patients.delete(0n);
  return patients.size > MOST_PATIENTS ? 'too-many' : { patients, withConsent: known };
}

async function careByPatient(options: CandidateOptions): Promise<Map<bigint, CareFact[]> | undefined> {
  const { evidence, terms, baseUrl, now } = options;
  const found = new Map<bigint, CareFact[]>();
  for (const query of careQueries(now, terms, referencesTo(options))) {
    const resources = await evidence.search(query, MOST_FACTS);
    if (!resources) return undefined;
    for (const resource of resources) {
      const fact = careFact(resource, terms, baseUrl);
      const id = patientIdOf(resource, baseUrl);
      if (!fact || id === undefined) continue;
      const patient = evidence.patientNumber(id);
      found.set(patient, [...(found.get(patient) ?? []), fact]);
    }
  }
  return found;
}

function namedInConsents(options: CandidateOptions): Promise<readonly bigint[]> {
  const actors = [...referencesTo(options), ...options.names.memberOf].slice(0, MOST_NAMES);
  if (actors.length === 0) return Promise.resolve([]);
  const parameters: [string, string][] = [
    ['status', 'active'],
    ['actor', [...new Set(actors)].join(',')],
  ];
  const query: SearchQuery = parseSearch(['Consent'], parameters, { handling: 'strict', baseUrl: '' });
  return options.evidence.patients(query, MOST_PATIENTS + 1);
}

function referencesTo({ viewer, names }: CandidateOptions): string[] {
  const organizations = viewer.organizations.map((id) => `Organization/${id}`);
  return [...names.people, ...organizations].filter((text) => text.includes('/')).slice(0, MOST_NAMES);
}
