import { resourceTypes } from '@meridian/fhir';
import { EVERYTHING, type ViewContext, type Visibility } from '@meridian/records';
import { TokenScopes, type Viewer } from '@meridian/viewing';

/** What of the store a viewer may see and change. */
export type VisibilityOf = (viewer: Viewer) => Visibility;

/** Scopes by their text, with whether they reach everything; there are few. */
const MOST_SCOPES = 1000;

/**
 * The one place where it is decided whose visibility applies. A program with a system token is bound by its scopes alone:
 * where these reach everything there is nothing to decide. For everybody else `decide` says.
 *
 * @param decide the decisions of policy, consent and scopes
 */
export function visibilityOf(decide: VisibilityOf): VisibilityOf {
  const unlimited = new Map<string, boolean>();
  const isUnlimited = (scope: string): boolean => {
    let known = unlimited.get(scope);
    if (known === undefined) {
      if (unlimited.size >= MOST_SCOPES) unlimited.clear();
      known = new TokenScopes(scope).rule(resourceTypes(), undefined).kind === 'always';
      unlimited.set(scope, known);
    }
    return known;
  };
  return (viewer) => (viewer.roles.includes('system') && isUnlimited(viewer.scope) ? EVERYTHING : decide(viewer));
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
