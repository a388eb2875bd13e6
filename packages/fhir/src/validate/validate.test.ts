import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasErrors, type IssueCode } from '../issue.ts';
import { validate } from './validate.ts';
import { MAX_ISSUES } from './walk.ts';

type Json = Record<string, unknown>;

const patient: Json = { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '1950-02-28' };
const observation: Json = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2021-02-28T10:00:00+08:00',
  valueQuantity: { value: 36.6, unit: '°C', system: 'http://unitsofmeasure.org', code: 'Cel' },
};

/** Findings as `path code`. */
function findings(resource: unknown): string[] {
  return validate(resource).map(({ expression = [''], code }) => `${expression[0]} ${code}`);
}

test('what is right has no issues', () => {
  expect(validate(patient)).toEqual([]);
  expect(validate(observation)).toEqual([]);
});

describe('every kind of violation is found where it is', () => {
  const hour = 'http://unitsofmeasure.org';
  const cases: [name: string, base: Json, change: Json, path: string, code: IssueCode][] = [
    ['an unknown property', patient, { nickname: 'x' }, 'Patient', 'structure'],
    ['a property of the prototype', patient, { constructor: 'x' }, 'Patient', 'structure'],
    ['a missing element', observation, { status: undefined }, 'Observation', 'required'],
    ['a single value for an array', patient, { name: { text: 'x' } }, 'Patient.name', 'structure'],
    ['an array for a single value', patient, { gender: ['male'] }, 'Patient.gender', 'structure'],
    ['an array for a single object', observation, { code: [observation.code] }, 'Observation.code', 'structure'],
    ['an empty array', patient, { name: [] }, 'Patient.name', 'structure'],
    ['an empty object', patient, { name: [{}] }, 'Patient.name[0]', 'invariant'],
    ['an object with an id only', patient, { name: [{ id: 'x' }] }, 'Patient.name[0]', 'invariant'],
    ['an empty string', patient, { name: [{ text: '' }] }, 'Patient.name[0].text', 'value'],
    ['null', patient, { gender: null }, 'Patient.gender', 'structure'],
    ['null in an array', patient, { name: [{ given: ['a', null] }] }, 'Patient.name[0].given[1]', 'structure'],
    ['a string for a boolean', patient, { active: 'true' }, 'Patient.active', 'value'],
    ['a string for an object', patient, { name: ['x'] }, 'Patient.name[0]', 'structure'],
    ['a day that is not', patient, { birthDate: '1950-02-30' }, 'Patient.birthDate', 'value'],
    ['29 February of a common year', patient, { birthDate: '1900-02-29' }, 'Patient.birthDate', 'value'],
    ['a moment without zone', observation, { issued: '2021-02-28T10:00:00' }, 'Observation.issued', 'value'],
    ['a long id', patient, { id: 'x'.repeat(65) }, 'Patient.id', 'value'],
    ['a control character', patient, { name: [{ text: 'a\u0007b' }] }, 'Patient.name[0].text', 'value'],
    ['a long string', patient, { name: [{ text: 'x'.repeat(1024 * 1024 + 1) }] }, 'Patient.name[0].text', 'value'],
    ['a bad uuid', patient, { implicitRules: 'urn:uuid:x' }, 'Patient.implicitRules', 'value'],
    ['bad base64', patient, { photo: [{ contentType: 'image/png', data: 'abc' }] }, 'Patient.photo[0].data', 'value'],
    ['half a number', patient, { multipleBirthInteger: 1.5 }, 'Patient.multipleBirthInteger', 'value'],
    ['a code of no value set', patient, { gender: 'f' }, 'Patient.gender', 'code-invalid'],
    ['a status of no value set', observation, { status: 'done' }, 'Observation.status', 'code-invalid'],
    ['a language by form', patient, { language: 'x_y' }, 'Patient.language', 'code-invalid'],
    [
      'a mime type by form',
      patient,
      { photo: [{ contentType: 'png' }] },
      'Patient.photo[0].contentType',
      'code-invalid',
    ],
    ['two values', observation, { valueString: 'x' }, 'Observation', 'structure'],
    [
      'a value of a wrong type',
      observation,
      { valueQuantity: undefined, valueAddress: { city: 'x' } },
      'Observation',
      'structure',
    ],
    [
      'a wrong target',
      observation,
      { subject: { reference: 'Medication/1' } },
      'Observation.subject.reference',
      'value',
    ],
    [
      'a target that is no type',
      observation,
      { subject: { reference: 'Person1' } },
      'Observation.subject.reference',
      'value',
    ],
    [
      'a wrong absolute target',
      observation,
      { subject: { reference: 'https://x.org/fhir/Claim/1' } },
      'Observation.subject.reference',
      'value',
    ],
    [
      'a type that disagrees',
      observation,
      { subject: { reference: 'Patient/1', type: 'Group' } },
      'Observation.subject.type',
      'value',
    ],
    ['nothing contained', observation, { subject: { reference: '#p' } }, 'Observation.subject.reference', 'invariant'],
    ['an extension without url', patient, { extension: [{ valueString: 'x' }] }, 'Patient.extension[0]', 'required'],
    ['an empty extension', patient, { extension: [{ url: 'urn:x' }] }, 'Patient.extension[0]', 'invariant'],
    [
      'extensions beside a value',
      patient,
      { extension: [{ url: 'urn:x', valueString: 'x', extension: [{ url: 'y', valueString: 'z' }] }] },
      'Patient.extension[0]',
      'invariant',
    ],
    ['an extension beside nothing', patient, { _gender: { extension: [] } }, 'Patient._gender.extension', 'structure'],
    ['a sibling of an object', patient, { _name: [{ id: 'x' }] }, 'Patient', 'structure'],
    ['obs-6', observation, { dataAbsentReason: { text: 'x' } }, 'Observation', 'invariant'],
    [
      'per-1',
      observation,
      { effectiveDateTime: undefined, effectivePeriod: { start: '2021-02', end: '2021-01-31' } },
      'Observation.effectivePeriod',
      'invariant',
    ],
    ['qty-3', observation, { valueQuantity: { value: 1, code: 'h' } }, 'Observation.valueQuantity', 'invariant'],
    [
      'rng-2',
      observation,
      {
        valueQuantity: undefined,
        valueRange: { low: { value: 2, code: 'h', system: hour }, high: { value: 1, code: 'h', system: hour } },
      },
      'Observation.valueRange',
      'invariant',
    ],
    [
      'a script in the narrative',
      patient,
      { text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><script/></div>' } },
      'Patient.text.div',
      'invariant',
    ],
    [
      'an unknown modifier',
      patient,
      { modifierExtension: [{ url: 'urn:x', valueString: 'x' }] },
      'Patient.modifierExtension[0]',
      'extension',
    ],
  ];
  test.each(cases)('%s', (_name, base, change, path, code) => {
    expect(findings({ ...base, ...change })).toEqual([`${path} ${code}`]);
  });
});

describe('contained resources', () => {
  const medication = { resourceType: 'Medication', id: 'm', status: 'active' };
  const statement = {
    resourceType: 'MedicationStatement',
    status: 'active',
    subject: { reference: 'Patient/1' },
    medicationReference: { reference: '#m' },
    contained: [medication],
  };
  test.each<[string, Json, string[]]>([
    ['one that is referred to', {}, []],
    [
      'one that nothing refers to',
      { medicationReference: { reference: 'Medication/1' } },
      ['MedicationStatement.contained[0] invariant'],
    ],
    ['two with one id', { contained: [medication, medication] }, ['MedicationStatement.contained[1] duplicate']],
    [
      'one that contains another',
      { contained: [{ ...medication, contained: [medication] }] },
      ['MedicationStatement.contained[0].contained[0] invariant'],
    ],
    [
      'one with a version',
      { contained: [{ ...medication, meta: { versionId: '1' } }] },
      ['MedicationStatement.contained[0] invariant'],
    ],
    [
      'one of a wrong type',
      { contained: [{ resourceType: 'Patient', id: 'm' }] },
      ['MedicationStatement.medicationReference.reference value'],
    ],
    [
      'one that refers to its container',
      {
        medicationReference: { reference: 'Medication/1' },
        contained: [
          {
            resourceType: 'Provenance',
            id: 'v',
            target: [{ reference: '#' }],
            recorded: '2021-01-01T00:00:00Z',
            agent: [{ who: { reference: 'Practitioner/1' } }],
          },
        ],
      },
      [],
    ],
  ])('%s', (_name, change, expected) => {
    expect(findings({ ...statement, ...change })).toEqual(expected);
  });

  test('fragments in an entry of a Bundle are looked for in that entry', () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: statement }, { resource: { ...statement, contained: undefined } }],
    };
    expect(findings(bundle)).toEqual(['Bundle.entry[1].resource.medicationReference.reference invariant']);
  });
});

test('extensions of primitives, also in sparse arrays', () => {
  const reason = {
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
  };
  expect(validate({ ...patient, birthDate: undefined, _birthDate: reason })).toEqual([]);
  expect(validate({ ...patient, name: [{ given: ['a', null], _given: [null, reason] }] })).toEqual([]);
  expect(validate({ ...observation, status: undefined, _status: reason })).toEqual([]);
});

test('references that R4 allows', () => {
  for (const reference of [
    ...[
      'Patient/1',
      'Patient/1/_history/2',
      'https://x.org/fhir/Patient/1',
      'urn:uuid:6f2c1b9e-0d2b-4c52-9f55-0a1f3b3a2c11',
    ],
    ...['urn:oid:1.2.3', 'Patient?identifier=urn:x|1', 'https://x.org/other?id=1'],
  ]) {
    expect({ reference, issues: validate({ ...observation, subject: { reference } }) }).toEqual({
      reference,
      issues: [],
    });
  }
});

test('best practices are reported only when asked for, as warnings', () => {
  const issues = validate(patient, { bestPractice: true });
  expect(issues).toMatchObject([{ severity: 'warning', code: 'invariant', expression: ['Patient'] }]);
  expect(hasErrors(issues)).toBe(false);
});

describe('hostile input', () => {
  test('of any shape is answered with issues, not with an exception', () => {
    const keys = fc.constantFrom(
      'resourceType',
      'name',
      'extension',
      'contained',
      '_name',
      'id',
      'value',
      'entry',
      'reference',
      '__proto__',
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        fc.string(),
        fc.constantFrom('Patient', 'Bundle', '#', 'Patient/1'),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        tie('object'),
        tie('array'),
      ),
      object: fc.dictionary(keys, tie('any'), { maxKeys: 4 }),
      array: fc.array(tie('any'), { maxLength: 3 }),
    })).any;
    fc.assert(
      fc.property(value, (input) => Array.isArray(validate(input))),
      { numRuns: 3000 },
    );
    for (const input of [
      undefined,
      null,
      1,
      'x',
      [],
      [patient],
      {},
      { resourceType: 'Nothing' },
      { resourceType: 'DomainResource' },
    ]) {
      expect(hasErrors(validate(input))).toBe(true);
    }
  });

  test('of great depth ends at the limit', () => {
    let extension: Json = { url: 'urn:x', valueString: 'x' };
    for (let i = 0; i < 5000; i++) extension = { url: 'urn:x', extension: [extension] };
    const issues = validate({ ...patient, extension: [extension] });
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ severity: 'error', code: 'too-costly' });
  });

  test('of great length is read in time that grows with it', () => {
    const long = ['a ', ' ', 'a/', '/A', '1.', 'urn:oid:1', 'https://', 'A', '=', ';', '-', '\t', '#', '?'].map(
      (unit) => unit.repeat(1_000_000 / unit.length),
    );
    for (const text of [
      ...long,
      ...long.map((each) => `https://x.org/${each}`),
      ...long.map((each) => `urn:oid:${each}`),
    ]) {
      const value = [
        ...[
          'Base64Binary',
          'Canonical',
          'Code',
          'Date',
          'DateTime',
          'Id',
          'Instant',
          'Markdown',
          'Oid',
          'String',
          'Time',
        ],
        ...['Uri', 'Url', 'Uuid'],
      ].map((type) => ({ url: 'urn:x', [`value${type}`]: text }));
      const reference = { url: 'urn:x', valueReference: { reference: text } };
      expect(Array.isArray(validate({ ...patient, language: text, extension: [...value, reference] }))).toBe(true);
    }
    const div = (content: string) => ({
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`,
    });
    for (const content of [
      `<!--${'-a'.repeat(1_500_000)}-->x`,
      '<b>'.repeat(1_000_000),
      'x&#1;'.repeat(500_000),
      '<p '.repeat(1_000_000),
    ]) {
      expect(Array.isArray(validate({ ...patient, text: div(content) }))).toBe(true);
    }
    const coding = Array.from({ length: 20_000 }, (_, index) => ({ system: 'urn:x', code: `c${index}` }));
    const component = [{ code: { coding: coding.map(({ code }) => ({ system: 'urn:y', code })) } }];
    expect(validate({ ...observation, code: { coding }, component })).toEqual([]);
  });

  test('with thousands of errors is cut at a hundred, and warnings do not crowd errors out', () => {
    const name = Array.from({ length: 5000 }, () => ({ use: 'wrong' }));
    expect(validate({ ...patient, name })).toHaveLength(MAX_ISSUES);
    const modifierExtension = Array.from({ length: 500 }, () => ({ url: 'urn:x', valueString: 'x' }));
    expect(hasErrors(validate({ ...patient, modifierExtension, gender: 'wrong' }))).toBe(true);
    expect(hasErrors(validate({ ...patient, gender: 'wrong', modifierExtension }))).toBe(true);
  });

  test('is never repeated in what is said of it', () => {
    const secret = 'SECRETWONG';
    const broken = {
      resourceType: 'Patient',
      [secret]: secret,
      id: `${secret} ${secret}`,
      gender: secret,
      birthDate: secret,
      name: [{ use: secret, given: secret, [secret]: 1 }],
      generalPractitioner: [{ reference: `${secret}/${secret}` }, { reference: `#${secret}` }, { type: secret }],
      link: [{ other: { reference: `Patient/${secret}` }, type: secret }],
      extension: [{ url: secret, valueCode: ` ${secret}` }, { [`value${secret}`]: secret }],
      contained: [{ resourceType: secret }, { resourceType: 'Patient', id: secret }],
      text: { status: 'generated', div: `<div><${secret}/></div>` },
    };
    const issues = validate(broken);
    expect(issues.length).toBeGreaterThan(10);
    expect(JSON.stringify(issues)).not.toContain(secret);
  });
});
