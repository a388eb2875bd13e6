import type { NamedCode, Span } from '../rules/filters.ts';

/** Who a provision is about. */
export type ConsentActor =
  /** `Organization/1`, `Practitioner/1`, `PractitionerRole/1`, `CareTeam/1`, `RelatedPerson/1`, `Patient/1`, `Device/1`. */
  | { kind: 'named'; reference: string }
  /** Everybody in a role, such as `tcm-practitioner`: the practice of Chinese or of Western medicine. */
  | { kind: 'role'; role: string }
  /** Everybody in whose care the patient is. */
  | { kind: 'caring' };

/** Records that a provision names one by one (ConsentDataMeaning): themselves, or what is about or by them. */
export interface ConsentData {
  /** `instance`, and `related` once what it refers to has been looked up. */
  instances: readonly string[];
  dependents: readonly string[];
  authors: readonly string[];
}

/**
 * One provision as it was understood. A list that is undefined restricts nothing. `unknown` names the elements that hold
 * something that was not understood.
 */
export interface Provision {
  type: 'permit' | 'deny';
  period: Span | undefined;
  actors: readonly ConsentActor[] | undefined;
  /** Codes of http://terminology.hl7.org/CodeSystem/consentaction. */
  actions: readonly string[] | undefined;
  /** Codes of v3-ActReason. */
  purposes: readonly string[] | undefined;
  labels: readonly NamedCode[] | undefined;
  types: readonly string[] | undefined;
  codes: readonly NamedCode[] | undefined;
  dataPeriod: Span | undefined;
  data: ConsentData | undefined;
  exceptions: readonly Provision[];
  unknown: ReadonlySet<string>;
}

/** A Consent of a patient that is in force, as it was understood. */
export interface PatientConsent {
  /** Logical id of the Consent. */
  id: string;
  patientId: string;
  provision: Provision;
}

/** A provision that says yes or no to everything. */
export function sweeping(type: 'permit' | 'deny', exceptions: readonly Provision[] = []): Provision {
  return {
    type,
    period: undefined,
    actors: undefined,
    actions: undefined,
    purposes: undefined,
    labels: undefined,
    types: undefined,
    codes: undefined,
    dataPeriod: undefined,
    data: undefined,
    exceptions,
    unknown: new Set(),
  };
}
