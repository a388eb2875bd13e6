import type { Resource } from '@meridian/fhir';
import fc from 'fast-check';
import type { Grant } from '../grants/grant.ts';
import type { Role, Viewer } from '../viewer.ts';
import { viewerOf } from './viewers.ts';

/** Small worlds in which everything happens often: two patients, few people, labels, consents, care, grants. */
export const NOW = Date.parse('2026-06-15T10:00:00Z');
const DAY = 86_400_000;

const patient = fc.constantFrom('p', 'q');
const practitioner = fc.constantFrom('Practitioner/d', 'Practitioner/e');
const organization = fc.constantFrom('Organization/ward', 'Organization/clinic');
const reference = (text: string) => ({ reference: text });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
const day = fc.constantFrom('2026-01-10', '2026-05-20', '2026-06-10', '2026-06-20');

const SYSTEMS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['N', 'R', 'V'].map((code) => [code, 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality']),
  ),
  removed: 'urn:meridian:viewing-label',
};
const security = (code: string) => ({
  system: SYSTEMS[code] ?? 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  code,
});
const code = fc.constantFrom('a', 'b').map((value) => ({ coding: [{ system: 'http://loinc.org', code: value }] }));
const meta = fc
  .subarray(['R', 'V', 'PSY', 'ETH', 'HIV', 'GDIS', 'removed'], { maxLength: 2 })
  .map((codes) => (codes.length === 0 ? undefined : { security: codes.map(security) }));

/** Without the members that are undefined, as JSON is. */
function json<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const observation = fc.record({
  resourceType: fc.constant('Observation'),
  meta,
  code,
  subject: patient.map((id) => reference(`Patient/${id}`)),
  performer: maybe(practitioner.map((text) => [reference(text)])),
  encounter: maybe(fc.constantFrom('Encounter/1', 'Encounter/2').map(reference)),
  effectiveDateTime: maybe(day),
});
const condition = fc.record({
  resourceType: fc.constant('Condition'),
  meta,
  code,
  subject: patient.map((id) => reference(`Patient/${id}`)),
  asserter: maybe(practitioner.map(reference)),
});
const encounter = fc.record({
  resourceType: fc.constant('Encounter'),
  status: fc.constantFrom('in-progress', 'finished', 'cancelled', 'planned'),
  subject: patient.map((id) => reference(`Patient/${id}`)),
  participant: maybe(practitioner.map((text) => [{ individual: reference(text) }])),
  serviceProvider: maybe(organization.map(reference)),
  period: fc.constantFrom(
    { start: '2026-06-01T00:00:00Z', end: '2026-06-02T00:00:00Z' },
    { start: '2025-01-01T00:00:00Z', end: '2025-01-02T00:00:00Z' },
    { start: '2026-07-01T00:00:00Z', end: '2026-07-02T00:00:00Z' },
  ),
});
const appointment = fc
  .tuple(
    patient,
    practitioner,
    fc.constantFrom('2026-06-18T09:00:00Z', '2026-08-18T09:00:00Z'),
    fc.constantFrom('booked', 'cancelled'),
  )
  .map(([id, who, start, status]) => ({
    ...{ resourceType: 'Appointment', status, start },
    participant: [{ actor: reference(`Patient/${id}`) }, { actor: reference(who) }],
  }));
const others = fc.constantFrom<Omit<Resource, 'id'>>(
  { resourceType: 'Coverage', beneficiary: reference('Patient/p') },
  { resourceType: 'AuditEvent', entity: [{ what: reference('Patient/p') }] },
  { resourceType: 'Organization' },
);

const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const actor = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .oneof(practitioner, organization)
      .map((who) => ({ role: coded(PARTICIPATION, 'PRCP'), reference: reference(who) })),
  },
  {
    weight: 1,
    arbitrary: organization.map((who) => ({ role: coded(PARTICIPATION, 'CST'), reference: reference(who) })),
  },
  {
    weight: 1,
    arbitrary: fc.constant({
      role: coded('https://example.org/fhir/CodeSystem/viewing-role', 'tcm-practitioner'),
      reference: { display: 'Chinese medicine' },
    }),
  },
);
function coded(system: string, value: string) {
  return { coding: [{ system, code: value }] };
}

const list = <T>(item: fc.Arbitrary<T>) => maybe(fc.array(item, { minLength: 1, maxLength: 2 }));
const provisionOf = (type: fc.Arbitrary<string | undefined>, nested: fc.Arbitrary<object[] | undefined>) =>
  fc.record({
    type,
    period: maybe(
      fc.constantFrom({ start: '2026-06-01', end: '2026-06-30' }, { start: '2026-01-01', end: '2026-01-31' }),
    ),
    actor: list(actor),
    purpose: list(
      fc
        .constantFrom('TREAT', 'HRESCH', 'XXX')
        .map((value) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: value })),
    ),
    class: list(
      fc
        .constantFrom('Observation', 'Condition', 'Patient', 'Nonsense')
        .map((value) => ({ system: 'http://hl7.org/fhir/resource-types', code: value })),
    ),
    code: list(code),
    securityLabel: list(fc.constantFrom('N', 'R', 'PSY').map(security)),
    data: list(
      fc.record({
        meaning: fc.constantFrom('instance', 'dependents'),
        reference: fc.constantFrom('Observation/0', 'Encounter/1').map(reference),
      }),
    ),
    dataPeriod: maybe(fc.constant({ start: '2026-05-01', end: '2026-06-12' })),
    provision: nested,
  });
const leaf = provisionOf(fc.constantFrom('permit', 'deny', undefined), fc.constant(undefined));
const middle = provisionOf(
  fc.constantFrom('permit', 'deny', undefined),
  maybe(fc.array(leaf, { minLength: 1, maxLength: 2 })),
);
const provision = provisionOf(
  fc.constantFrom('permit', 'deny'),
  maybe(fc.array(middle, { minLength: 1, maxLength: 2 })),
);
const consent = fc.record({
  resourceType: fc.constant('Consent'),
  status: fc.constantFrom('active', 'active', 'active', 'inactive'),
  scope: fc.constant(coded('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy')),
  patient: patient.map((id) => reference(`Patient/${id}`)),
  provision,
});

/** Records with ids 0, 1, 2 … within their type, and both patients. */
export const records = fc
  .tuple(
    fc.array(fc.oneof(observation, observation, condition, encounter, appointment, others), { maxLength: 12 }),
    fc.array(consent, { maxLength: 2 }),
  )
  .map(([some, consents]): Resource[] => {
    const counts = new Map<string, number>();
    const numbered = ([...some, ...consents] as Omit<Resource, 'id'>[]).map((record): Resource => {
      const number = counts.get(record.resourceType as string) ?? 0;
      counts.set(record.resourceType as string, number + 1);
      return json({ ...record, id: String(number) } as Resource);
    });
    return [{ resourceType: 'Patient', id: 'p' }, { resourceType: 'Patient', id: 'q' }, ...numbered];
  });

const ROLES: readonly Role[] = [
  ...(['patient', 'proxy', 'western-practitioner', 'tcm-practitioner', 'nurse', 'laboratory'] as const),
  ...(['records-officer', 'privacy-officer', 'auditor', 'researcher', 'administrator'] as const),
];

export const viewer: fc.Arbitrary<Viewer> = fc
  .record({
    actor: practitioner,
    roles: fc.oneof(fc.constant(['western-practitioner'] as const), fc.subarray([...ROLES], { maxLength: 2 })),
    organizations: fc.subarray(['ward', 'clinic']),
    patientId: maybe(patient),
    purpose: fc.constantFrom('TREAT', 'TREAT', 'BTG', 'HRESCH', 'HOPERAT', 'HPAYMT', 'HLEGAL', 'PATRQT', 'XXX'),
    proxyFor: fc.array(
      fc.record({
        patientId: patient,
        relation: fc.constant('parent' as const),
        from: fc.constant(0),
        until: fc.constantFrom(undefined, NOW - DAY, NOW + DAY),
        scope: fc.constantFrom('read' as const, 'decide' as const),
      }),
      { maxLength: 1 },
    ),
  })
  .map((given) => viewerOf(given));

export const grants: fc.Arbitrary<Grant[]> = fc.array(
  fc.record({
    id: fc.constant('grant'),
    kind: fc.constantFrom('approval' as const, 'access-code' as const, 'break-glass' as const, 'court-order' as const),
    account: fc.constant('Practitioner/d'),
    actor: fc.constant('Practitioner/d'),
    patientId: patient,
    scope: fc.record({
      types: fc.subarray(['Observation', 'Patient']),
      sensitivities: fc.subarray(['PSY', 'ETH', 'HIV', 'GDIS'] as const),
      records: fc.subarray(['Observation/0'], { maxLength: 1 }),
    }),
    purposes: fc.constantFrom(['TREAT'], ['TREAT', 'BTG'], ['HLEGAL']),
    from: fc.constant(0),
    until: fc.constantFrom(NOW - DAY, NOW + DAY, NOW + DAY),
    viewsLeft: fc.constant(undefined),
    keyThumbprint: fc.constant(undefined),
    ended: fc.constant(undefined),
  }),
  { maxLength: 2 },
);
