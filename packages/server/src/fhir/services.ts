import type { ProfileRegistry, Terminology } from '@meridian/fhir';
import type { RecordStore } from '@meridian/records';
import type { Jobs } from '../bulk/jobs.ts';

/** What the interactions work with. */
export interface Services {
  store: RecordStore;
  terminology: Terminology;
  profiles: ProfileRegistry;
  jobs: Jobs;
  /** Of the FHIR API, without a final slash, such as `https://records.example.org/fhir`. */
  baseUrl: string;
  /** Epoch milliseconds. */
  now: () => number;
}
