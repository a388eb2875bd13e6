import type { Visibility } from './visibility.ts';

/** Who asks, and for what: stands in every event that the request causes. */
export interface Context {
  /** The account, such as `Practitioner/8f…`, `Device/…` or `system`. */
  actor: string;
  /** A code of http://terminology.hl7.org/CodeSystem/v3-ActReason (PurposeOfUse), such as `TREAT`. */
  purpose: string;
  /** Correlates log lines, events and the caller's `X-Request-Id`. */
  requestId: string;
  /** For which organisation the actor works now, such as `Organization/…`. */
  organization?: string;
  /** In which role, such as `nurse`. */
  role?: string;
}

/** Who asks, and what of the store that one may see and change. */
export type ViewContext = Context & { visibility: Visibility };

/** Who asks, without what cannot leave the process: for worker threads, and for jobs that outlive a request. */
export function plainContext({ actor, purpose, requestId, organization, role }: Context): Context {
  return {
    actor,
    purpose,
    requestId,
    ...(organization !== undefined && { organization }),
    ...(role !== undefined && { role }),
  };
}
