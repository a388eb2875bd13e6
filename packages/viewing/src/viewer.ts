/** What somebody is to the system. One account may have several. */
export type Role =
  | 'patient'
  | 'proxy'
  | 'western-practitioner'
  | 'tcm-practitioner'
  | 'nurse'
  | 'pharmacist'
  | 'laboratory'
  | 'records-officer'
  | 'privacy-officer'
  | 'auditor'
  | 'researcher'
  | 'ethics-board'
  | 'administrator'
  /** A program with a system token: what it may is decided by its scopes alone. */
  | 'system';

/** Acting for a patient: a parent until a set age, a guardian, an attorney. */
export interface PatientProxy {
  patientId: string;
  relation: 'parent' | 'guardian' | 'attorney';
  /** Epoch milliseconds, half-open. */
  from: number;
  until: number | undefined;
  /** What the proxy may: read only, also decide about approvals and consents, or decide only together with the others who
   * have this scope (both guardians). */
  scope: 'read' | 'decide' | 'decide-jointly';
}

/** Who asks, as far as decisions need to know. */
export interface Viewer {
  /** As it stands in events: `Practitioner/…`, `Patient/…`, `RelatedPerson/…`, `Device/…` or `system`. */
  actor: string;
  /** The account behind it; undefined for system tokens. */
  account: string | undefined;
  roles: readonly Role[];
  /** Logical ids of the Organizations (departments included) for which the viewer works. */
  organizations: readonly string[];
  /** Logical id of the viewer's own Patient. */
  patientId: string | undefined;
  proxyFor: readonly PatientProxy[];
  /** A code of v3-ActReason (PurposeOfUse), such as `TREAT`. */
  purpose: string;
  /** Scopes of the token (SMART App Launch 2), separated by spaces. */
  scope: string;
  /** The Patient in the launch context, where the scopes are `patient/…`. */
  launchPatient: string | undefined;
  /** When the person last proved who they are (`auth_time`), epoch milliseconds. */
  authenticatedAt: number;
  /** Thumbprint (RFC 7638) of the key to which the token is bound by DPoP (RFC 9449). */
  keyThumbprint: string | undefined;
  /** Ids of the grants whose viewing tokens came with this request and were proven to belong to that key. */
  presentedGrants: readonly string[];
}
