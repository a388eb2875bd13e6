import type { Sandbox } from '@meridian/convert';
import type { ProfileRegistry, Terminology } from '@meridian/fhir';
import type { ContentParts, LabelRules, RecordStore } from '@meridian/records';
import type { Evidence, Viewer, Visibilities } from '@meridian/viewing';
import type { VisibilityOf } from '../access/visibility-of.ts';
import type { Jobs } from '../bulk/jobs.ts';
import type { ClinicServices } from '../clinic/open-clinic.ts';
import type { AuditEventsParts } from '../viewing/audit-events.ts';

/** What the interactions work with. */
export interface Services {
  store: RecordStore;
  terminology: Terminology;
  profiles: ProfileRegistry;
  jobs: Jobs;
  visibilityOf: VisibilityOf;
  viewing: ViewingServices;
  clinic: ClinicServices;
  /** Where files are converted. */
  sandbox: Sandbox;
  /** Of the FHIR API, without a final slash, such as `https://records.example.org/fhir`. */
  baseUrl: string;
  /** Epoch milliseconds. */
  now: () => number;
}

/** What the operations about viewing work with. */
export interface ViewingServices {
  visibilities: Visibilities;
  evidence: Evidence;
  labelRules: LabelRules;
  auditEvents: AuditEventsParts;
  /** The viewer that an account acting as this resource would be; undefined where there is none. */
  viewerAs(resource: string): Promise<Viewer | undefined>;
}

/** For moving large content out of what is written through the API: Binaries get new ids of their patient. */
export function contentParts({ store, baseUrl }: Services): ContentParts {
  return { blobs: store.blobs, baseUrl, idFor: ({ owner }) => store.newId(owner.patientId) };
}
