import type { Viewer } from '../viewer.ts';

/** A viewer with nothing but what is given. */
export function viewerOf(given: Partial<Viewer> & { actor: string }): Viewer {
  return {
    account: given.actor,
    roles: [],
    organizations: [],
    patientId: undefined,
    proxyFor: [],
    purpose: 'TREAT',
    scope: 'user/*.cruds',
    launchPatient: undefined,
    authenticatedAt: 0,
    keyThumbprint: undefined,
    presentedGrants: [],
    ...given,
  };
}
