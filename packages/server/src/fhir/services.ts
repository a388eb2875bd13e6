import type { ProfileRegistry, Terminology } from '@meridian/fhir';
import type { ContentParts, RecordStore } from '@meridian/records';
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

/** For moving large content out of what is written through the API: Binaries get new ids of their patient. */
export function contentParts({ store, baseUrl }: Services): ContentParts {
  return { blobs: store.blobs, baseUrl, idFor: ({ owner }) => store.newId(owner.patientId) };
}
