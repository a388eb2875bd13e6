import type { Resource } from '@meridian/fhir';
import fc from 'fast-check';

/** Our own base URL in these worlds. */
export const BASE = 'http://here.example/fhir';

/** Types of a world. */
export const TYPES = [
  'Patient',
  'Practitioner',
  'Organization',
  'Observation',
  'Condition',
  'Encounter',
  'MedicationRequest',
  'DiagnosticReport',
  'DocumentReference',
  'Appointment',
  'Group',
  'Device',
  'ValueSet',
] as const;

export const IDS = ['a', 'b', 'c', '11111111-1111-4111-8111-111111111111'] as const;
/** `|`, `$`, `,` and `\` stand for all that the search grammar has to escape. */
export const STRINGS = [
  ...[
    'Chan',
    'CHAN tai man',
    'Chang',
    'Ångström',
    'angstrom',
    '陳大文',
    '陳',
    '大文',
    'O’Brien',
    'obrien',
    'Ng',
    'n',
    '!!!',
  ],
  ...[
    'Smith-Jones',
    'jones',
    'a|b',
    'a$b',
    'a,b',
    'back\\slash',
    'ﬃ',
    'office building of the second harbour',
    'ＡＢＣ',
  ],
  `${'x'.repeat(70)} tail`,
] as const;
export const SYSTEMS = ['urn:s', 'http://codes.example/x', 'urn:s|t'] as const;
export const CODES = ['1', '2', 'final', 'a|b', 'A1', 't|1'] as const;
export const URLS = ['http://u.example/a', 'http://u.example/a/b', 'http://u.example/a/', 'urn:x:y', 'urn:x'] as const;
export const DATES = [
  ...['2020', '2020-02', '2020-02-29', '2020-02-29T10:00:00Z', '2020-02-29T10:00:00.500+08:00', '2020-03-01'],
  ...['2021-01-01T00:00:00Z', '1999-12-31'],
] as const;
const UNITS = [
  { system: 'http://unitsofmeasure.org', code: 'mg', unit: 'milligram' },
  { system: 'http://unitsofmeasure.org', code: 'g', unit: 'g' },
  { system: 'http://unitsofmeasure.org', code: '[IU]', unit: 'IU' },
  { system: 'urn:s', code: 'mg' },
  { unit: 'mg' },
  {},
] as const;
export const NUMBERS = [0, 0.5, 1, 4.6, 5, 5.4, 500, 1000, -3] as const;

const oneOf = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const string = oneOf(STRINGS);
const date = oneOf(DATES);
const few = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { minLength: 1, maxLength: 2 });
const maybe = { requiredKeys: [] as [] };

const coding = fc.record({ system: oneOf(SYSTEMS), code: oneOf(CODES), display: string }, maybe);
const concept = fc.record({ coding: few(coding), text: string }, maybe);
const identifier = fc.record(
  { system: oneOf(SYSTEMS), value: oneOf(CODES), type: fc.record({ coding: few(coding), text: string }, maybe) },
  { requiredKeys: ['value'] },
);
const quantity = fc.tuple(oneOf(NUMBERS), oneOf(UNITS)).map(([value, unit]) => ({ value, ...unit }));
const period = fc.record({ start: date, end: date }, maybe);

/** A reference to one of the types, which may lead nowhere, elsewhere, or say only by identifier whom it means. */
function reference(...types: string[]): fc.Arbitrary<object> {
  const target = fc.tuple(oneOf(types), oneOf([...IDS, 'nowhere'])).map(([type, id]) => `${type}/${id}`);
  return fc.oneof(
    { weight: 6, arbitrary: target.map((relative) => ({ reference: relative })) },
    { weight: 1, arbitrary: target.map((relative) => ({ reference: `${BASE}/${relative}` })) },
    { weight: 1, arbitrary: fc.constant({ reference: 'http://there.example/fhir/Patient/a' }) },
    { weight: 1, arbitrary: identifier.map((known) => ({ identifier: known })) },
  );
}

const name = fc.record({ family: string, given: few(string), text: string }, maybe);
const telecom = fc.record({ system: oneOf(['phone', 'email']), value: oneOf(['123', 'a@b.c']) });
const address = fc.record({ city: string, line: few(string), postalCode: oneOf(['1', '22']) }, maybe);
const person = { name: few(name), telecom: few(telecom), address: few(address), identifier: few(identifier) };
const value = {
  valueQuantity: quantity,
  valueCodeableConcept: concept,
  valueString: string,
  valueDateTime: date,
};
const subject = reference('Patient', 'Patient', 'Group');
const active = fc.boolean();

/** The elements that a type may have; each is left out now and then. */
const ELEMENTS: Record<(typeof TYPES)[number], Record<string, fc.Arbitrary<unknown>>> = {
  Patient: {
    ...person,
    active,
    birthDate: oneOf(['2020', '2020-02', '1999-12-31']),
    deceasedBoolean: fc.boolean(),
    generalPractitioner: few(reference('Practitioner', 'Organization')),
    managingOrganization: reference('Organization'),
    link: few(fc.record({ other: reference('Patient'), type: fc.constant('seealso') })),
  },
  Practitioner: { ...person, active },
  Organization: {
    name: string,
    identifier: few(identifier),
    type: few(concept),
    partOf: reference('Organization'),
    active,
  },
  Observation: {
    ...value,
    status: oneOf(['final', 'amended']),
    code: concept,
    category: few(concept),
    identifier: few(identifier),
    subject: reference('Patient', 'Patient', 'Group', 'Device'),
    device: reference('Device'),
    encounter: reference('Encounter'),
    performer: few(reference('Practitioner', 'Patient')),
    hasMember: few(reference('Observation')),
    effectiveDateTime: date,
    component: few(
      fc.record({ code: concept, valueQuantity: quantity, valueCodeableConcept: concept }, { requiredKeys: ['code'] }),
    ),
  },
  Condition: {
    subject,
    code: concept,
    clinicalStatus: concept,
    onsetPeriod: period,
    recordedDate: date,
    abatementString: string,
    asserter: reference('Practitioner', 'Patient'),
    evidence: few(fc.record({ detail: few(reference('Observation')), code: few(concept) }, maybe)),
  },
  Encounter: {
    subject,
    status: oneOf(['planned', 'finished']),
    class: coding,
    period,
    participant: few(fc.record({ individual: reference('Practitioner', 'RelatedPerson'), type: few(concept) }, maybe)),
    serviceProvider: reference('Organization'),
    partOf: reference('Encounter'),
    length: quantity,
  },
  MedicationRequest: {
    subject,
    status: oneOf(['active', 'stopped']),
    intent: fc.constant('order'),
    medicationCodeableConcept: concept,
    authoredOn: date,
    requester: reference('Practitioner', 'Organization'),
    dosageInstruction: few(fc.record({ timing: fc.record({ event: few(date) }) }, maybe)),
  },
  DiagnosticReport: {
    subject,
    status: fc.constant('final'),
    code: concept,
    effectivePeriod: period,
    issued: fc.constant('2020-02-29T10:00:00.000Z'),
    result: few(reference('Observation')),
    performer: few(reference('Organization')),
  },
  DocumentReference: {
    subject,
    status: fc.constant('current'),
    type: concept,
    date: fc.constant('2020-02-29T10:00:00Z'),
    description: string,
    author: few(reference('Practitioner', 'Patient')),
    relatesTo: few(fc.record({ code: oneOf(['replaces', 'appends']), target: reference('DocumentReference') })),
    content: few(
      fc.record({ attachment: fc.record({ url: oneOf(URLS), contentType: fc.constant('text/plain') }, maybe) }),
    ),
  },
  Appointment: {
    status: oneOf(['booked', 'arrived']),
    start: oneOf(['2020-02-29T10:00:00Z', '2021-01-01T00:00:00Z']),
    participant: few(
      fc.record({ actor: reference('Patient', 'Practitioner', 'Location'), status: fc.constant('accepted') }, maybe),
    ),
    reasonCode: few(concept),
  },
  Group: {
    type: fc.constant('person'),
    actual: active,
    code: concept,
    member: few(fc.record({ entity: reference('Patient', 'Practitioner') })),
    characteristic: few(fc.record({ code: concept, valueCodeableConcept: concept }, { requiredKeys: ['code'] })),
  },
  Device: { patient: reference('Patient'), type: concept, identifier: few(identifier) },
  ValueSet: { url: oneOf(URLS), name: string, description: string, date, status: oneOf(['draft', 'active']) },
};

const meta = fc.record({ tag: few(coding), security: few(coding), profile: few(oneOf(URLS)) }, maybe);

/** One resource of a type. */
export function resource(type: (typeof TYPES)[number]): fc.Arbitrary<Resource> {
  return fc
    .tuple(oneOf(IDS), fc.record({ meta, ...ELEMENTS[type] }, maybe))
    .map(([id, elements]) => ({ resourceType: type, id, ...elements }) as Resource);
}

/** A handful of resources that refer to each other, each name once. */
export const world: fc.Arbitrary<Resource[]> = fc.uniqueArray(fc.oneof(...TYPES.map(resource)), {
  minLength: 16,
  maxLength: 40,
  size: 'max',
  selector: ({ resourceType, id }) => `${resourceType}/${id}`,
});
