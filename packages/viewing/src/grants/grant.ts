import type { RequestedScope } from '../approval/requested-scope.ts';
import type { Viewer } from '../viewer.ts';

/** A permission for one viewer and one patient that ends: by approval, by a code read out, or by breaking the glass. */
export interface Grant {
  id: string;
  kind: 'approval' | 'access-code' | 'break-glass' | 'court-order';
  /** The account that may use it, and as whom it acts. */
  account: string;
  actor: string;
  patientId: string;
  scope: RequestedScope;
  /** Purposes of use under which it may be used (v3-ActReason). */
  purposes: readonly string[];
  /** Epoch milliseconds, half-open. */
  from: number;
  until: number;
  /** Requests for records that are left; undefined: as many as come. */
  viewsLeft: number | undefined;
  /** RFC 7638 thumbprint of the viewer's key, once the viewing token was collected; break-glass needs none. */
  keyThumbprint: string | undefined;
  /** Why it ended before its time. */
  ended: { at: number; by: string } | undefined;
}

/** Where the deciding part finds what is in force. */
export interface Grants {
  /**
   * The grants that this viewer may use at this moment, for one patient or (undefined) for all; bounded to 200. Approvals
   * and access codes only where their viewing token was presented with proof of its key (`viewer.presentedGrants`).
   */
  inForce(viewer: Viewer, patientId: string | undefined): Promise<readonly Grant[]>;
}

/** Whether a grant may be used by this viewer at this moment. */
export function isInForce(grant: Grant, viewer: Viewer, now: number): boolean {
  if (grant.account !== viewer.account || grant.ended || now < grant.from || now >= grant.until) return false;
  if (!grant.purposes.includes(viewer.purpose)) return false;
  if (grant.kind === 'break-glass') return true;
  if (grant.keyThumbprint === undefined || grant.keyThumbprint !== viewer.keyThumbprint) return false;
  return viewer.presentedGrants.includes(grant.id);
}
