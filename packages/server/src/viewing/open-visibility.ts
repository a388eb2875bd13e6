import type { RecordStore } from '@meridian/records';
import {
  createVisibility,
  DEFAULT_POLICIES,
  DecisionTable,
  type Grants,
  openPolicies,
  storeEvidence,
  type Visibilities,
} from '@meridian/viewing';
import { type VisibilityOf, visibilityOf } from '../access/visibility-of.ts';

/** Who sees what, for the whole server: the policies are read and checked here, and a bad one stops the start. */
export function openVisibility(options: {
  store: RecordStore;
  grants: Grants;
  baseUrl: string;
  /** Epoch milliseconds. */
  now: () => number;
}): { visibilities: Visibilities; visibilityOf: VisibilityOf } {
  const { store, grants, baseUrl, now } = options;
  const visibilities = createVisibility({
    evidence: storeEvidence(store, baseUrl),
    decisions: new DecisionTable(openPolicies(DEFAULT_POLICIES)),
    grants,
    clock: now,
    baseUrl,
  });
  return { visibilities, visibilityOf: visibilityOf((viewer) => visibilities.for(viewer)) };
}
