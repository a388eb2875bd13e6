import type { CodeableConcept, Coding, Consent, ConsentProvision, Reference } from 'fhir/r4';
import { plain } from '../../records/words.ts';

/** Whom a consent is about. */
export type Recipient =
  | { kind: 'caring' }
  | { kind: 'role'; role: string }
  | { kind: 'named'; reference: string; name: string };

/** Parts of a record that people tell apart, each some types of FHIR. */
export const PARTS = {
  results: ['Observation', 'DiagnosticReport', 'ImagingStudy'],
  medicines: ['MedicationRequest', 'MedicationStatement', 'MedicationDispense', 'MedicationAdministration'],
  diagnoses: ['Condition'],
  allergies: ['AllergyIntolerance'],
  visits: ['Encounter', 'Appointment'],
  documents: ['DocumentReference', 'Composition'],
  vaccinations: ['Immunization'],
  treatments: ['Procedure', 'ServiceRequest', 'CarePlan'],
} as const satisfies Record<string, readonly string[]>;
export type Part = keyof typeof PARTS;

/** Sensitive matters (HL7 v3 ActCode, information sensitivity policy). */
export const MATTERS = ['PSY', 'HIV', 'STD', 'ETH', 'GDIS', 'VIO'] as const;
export type Matter = (typeof MATTERS)[number];

/** What a consent is about: everything, some parts of the record, or some sensitive matters wherever they stand. */
export type Subject =
  | { kind: 'everything' }
  | { kind: 'parts'; parts: readonly Part[] }
  | { kind: 'matters'; matters: readonly Matter[] };

export const PURPOSES = ['any', 'TREAT', 'HRESCH'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** A consent that one sentence can say. */
export interface ConsentRule {
  effect: 'permit' | 'deny';
  recipient: Recipient;
  subject: Subject;
  purpose: Purpose;
  /** Days, such as `2026-01-31`; undefined: from now on, and until it is withdrawn. */
  from: string | undefined;
  until: string | undefined;
}

const SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope';
const LOINC = 'http://loinc.org';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';
const ROLES = '/CodeSystem/viewing-role';

/**
 * The rule as a FHIR R4 Consent, by the patterns of docs/viewing.md: one root provision with a type of its own.
 *
 * @param base of the FHIR API, such as `https://example.org/fhir`
 * @param now ISO instant
 */
export function consentOf(
  rule: ConsentRule,
  { patientId, performer, base, now }: { patientId: string; performer: string | undefined; base: string; now: string },
): Consent {
  const { effect, recipient, subject, purpose, from, until } = rule;
  const provision: ConsentProvision = {
    type: effect,
    actor: [actorOf(recipient, base)],
    action: [concept('http://terminology.hl7.org/CodeSystem/consentaction', 'access')],
    ...((from !== undefined || until !== undefined) && {
      period: { ...(from !== undefined && { start: from }), ...(until !== undefined && { end: until }) },
    }),
    ...(purpose !== 'any' && { purpose: [{ system: ACT_REASON, code: purpose }] }),
    ...(subject.kind === 'parts' && {
      class: subject.parts.flatMap((part) => PARTS[part].map((code) => ({ system: RESOURCE_TYPES, code }))),
    }),
    ...(subject.kind === 'matters' && {
      securityLabel: subject.matters.map((code) => ({ system: ACT_CODE, code })),
    }),
  };
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: concept(SCOPE, 'patient-privacy'),
    category: [concept(LOINC, '59284-0')],
    patient: { reference: `Patient/${patientId}` },
    dateTime: now,
    ...(performer !== undefined && { performer: [{ reference: performer }] }),
    policyRule: concept(ACT_CODE, effect === 'permit' ? 'OPTIN' : 'OPTOUT'),
    provision,
  };
}

function actorOf(recipient: Recipient, base: string): { role: CodeableConcept; reference: Reference } {
  switch (recipient.kind) {
    case 'caring':
    case 'role': {
      const role = recipient.kind === 'caring' ? 'everyone-caring' : recipient.role;
      // R4 asks for a reference even where the role says all
      return { role: concept(`${base}${ROLES}`, role), reference: { display: role } };
    }
    case 'named': {
      const { reference, name } = recipient;
      return { role: concept(PARTICIPATION, 'IRCP'), reference: { reference, ...(name !== '' && { display: name }) } };
    }
  }
}

function concept(system: string, code: string): CodeableConcept {
  return { coding: [{ system, code }] };
}

/** What the rule may hold; anything else cannot be said in the sentence, and must not be left out of it. */
const SAID = new Set(['type', 'actor', 'action', 'period', 'purpose', 'class', 'securityLabel']);

/** The rule that a Consent says; undefined where one sentence cannot say all of it. */
export function ruleOf(consent: Consent): ConsentRule | undefined {
  const { provision } = consent;
  if (provision?.type === undefined || Object.keys(provision).some((name) => !SAID.has(name))) return undefined;
  const recipient = recipientOf(provision);
  const subject = subjectOf(provision);
  const purpose = purposeOf(provision.purpose);
  const isAccess = (provision.action ?? []).every(({ coding }) => coding?.[0]?.code === 'access');
  if (!recipient || !subject || purpose === undefined || !isAccess) return undefined;
  const { start, end } = provision.period ?? {};
  return { effect: provision.type, recipient, subject, purpose, from: start?.slice(0, 10), until: end?.slice(0, 10) };
}

function recipientOf({ actor = [] }: ConsentProvision): Recipient | undefined {
  const [only] = actor;
  if (only === undefined || actor.length > 1) return undefined;
  const [coding] = only.role.coding ?? [];
  if (coding?.system?.endsWith(ROLES)) {
    return coding.code === 'everyone-caring' ? { kind: 'caring' } : { kind: 'role', role: coding.code ?? '' };
  }
  const { reference, display } = only.reference;
  return reference === undefined ? undefined : { kind: 'named', reference, name: plain(display) };
}

function subjectOf({ class: types, securityLabel }: ConsentProvision): Subject | undefined {
  if (types === undefined && securityLabel === undefined) return { kind: 'everything' };
  if (types !== undefined && securityLabel !== undefined) return undefined;
  if (types !== undefined) {
    const codes = new Set(types.map(({ code }) => code ?? ''));
    const parts = (Object.keys(PARTS) as Part[]).filter((part) => PARTS[part].every((type) => codes.has(type)));
    const said = new Set<string>(parts.flatMap((part) => [...PARTS[part]]));
    return [...codes].every((code) => said.has(code)) ? { kind: 'parts', parts } : undefined;
  }
  const codes = (securityLabel ?? []).map(({ system, code }) => (system === ACT_CODE ? code : undefined));
  const matters = MATTERS.filter((matter) => codes.includes(matter));
  return matters.length === codes.length && matters.length > 0 ? { kind: 'matters', matters } : undefined;
}

function purposeOf(purposes: readonly Coding[] | undefined): Purpose | undefined {
  if (purposes === undefined) return 'any';
  if (purposes.length > 1) return undefined;
  return PURPOSES.find((purpose) => purpose === purposes[0]?.code);
}

/** Whether a consent says anything at this moment. */
export function isInForce(consent: Consent, now: number): boolean {
  const { end } = consent.provision?.period ?? {};
  return consent.status === 'active' && (end === undefined || Date.parse(end) + 86_400_000 > now);
}
