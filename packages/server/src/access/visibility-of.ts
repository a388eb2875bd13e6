import { EVERYTHING, type ViewContext, type Visibility } from '@meridian/records';
import type { Viewer } from '@meridian/viewing';

/** What of the store a viewer may see and change. */
export type VisibilityOf = (viewer: Viewer) => Visibility;

/**
 * The one place where it is decided whose visibility applies. A program with a system token is bound by its scopes alone;
 * for everybody else `decide` says.
 *
 * @param decide the decisions of policy and consent
 */
export function visibilityOf(decide: VisibilityOf): VisibilityOf {
  return (viewer) => (viewer.roles.includes('system') ? EVERYTHING : decide(viewer));
}

/** A viewer for requests that need nobody to be known. */
export const ANYBODY: Viewer = {
  actor: 'anonymous',
  account: undefined,
  roles: [],
  organizations: [],
  patientId: undefined,
  proxyFor: [],
  purpose: 'TREAT',
  scope: '',
  launchPatient: undefined,
  authenticatedAt: 0,
  keyThumbprint: undefined,
  presentedGrants: [],
};

/** What stands in every event of a request, and what it may see. */
export function contextOf(viewer: Viewer, requestId: string, visibility: VisibilityOf): ViewContext {
  const [organization] = viewer.organizations;
  const role = viewer.roles.join(' ');
  return {
    actor: viewer.actor,
    purpose: viewer.purpose,
    requestId,
    ...(organization !== undefined && { organization: `Organization/${organization}` }),
    ...(role !== '' && { role }),
    visibility: visibility(viewer),
  };
}
