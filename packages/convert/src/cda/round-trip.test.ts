import { type Resource, validate } from '@meridian/fhir';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cdaToFhir } from './cda-to-fhir.ts';
import { ccdOf, fhirToCcd } from './fhir-to-ccd.ts';
import { parseXml, type XmlElement } from './xml.ts';

const OPTIONS = {
  at: '2026-03-01T10:00:00+08:00',
  documentId: '3f1b1f2e-8f2f-4b3f-9b57-6a0f1f8f2a10',
  author: { software: 'Meridian', organization: 'Harbour Clinic', organizationId: '2.16.840.1.113883.19.5' },
};

/** Text that XML can hold and that no reader folds. */
const word = fc.stringMatching(/^[A-Za-z\u4e00-\u4fff<&"'>]{1,12}$/);
const id = fc.uuid();
const date = fc
  .date({ min: new Date('1950-01-01'), max: new Date('2025-12-31'), noInvalidDate: true })
  .chain((day) => fc.constantFrom(4, 7, 10).map((length) => day.toISOString().slice(0, length)));
const moment = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2025-12-31'), noInvalidDate: true })
  .map((at) => `${at.toISOString().slice(0, 19)}+08:00`);
const system = fc.constantFrom(
  'http://loinc.org',
  'http://snomed.info/sct',
  'http://www.nlm.nih.gov/research/umls/rxnorm',
  'https://example.org/codes',
  'urn:oid:1.2.3',
);
const concept = fc.record({
  coding: fc.array(fc.record({ system, code: fc.stringMatching(/^[A-Z0-9-]{1,8}$/), display: word }), {
    minLength: 1,
    maxLength: 2,
  }),
  text: word,
});
const amount = fc.record({
  value: fc.integer({ min: 0, max: 99_999 }).map((cents) => cents / 100),
  unit: fc.constantFrom('mg', 'mmol/L', '%', '10*9/L', 'mm[Hg]'),
});
const quantity = amount.map(({ value, unit }) => ({ value, unit, system: 'http://unitsofmeasure.org', code: unit }));
const identifier = fc
  .record({
    system: fc.constantFrom('urn:oid:1.2.3.4', 'https://example.org/id'),
    value: fc.stringMatching(/^[A-Z0-9]{1,10}$/),
  })
  .map((each) => [each]);
const subject = { reference: 'Patient/p' };
const code = (url: string, value: string) => ({ coding: [{ system: url, code: value }] });
const at = (kind: string) => (name: string) => code(`http://terminology.hl7.org/CodeSystem/${kind}`, name);

const condition = fc
  .record({
    id,
    identifier,
    code: concept,
    onsetDateTime: date,
    status: fc.constantFrom('active', 'inactive', 'resolved', 'remission', 'recurrence'),
  })
  .map(({ status, ...rest }) => ({
    resourceType: 'Condition',
    ...rest,
    clinicalStatus: at('condition-clinical')(status),
    verificationStatus: at('condition-ver-status')('confirmed'),
    subject,
  }));
const allergy = fc
  .record({
    id,
    identifier,
    code: concept,
    onsetDateTime: date,
    criticality: fc.constantFrom('high', 'low'),
    type: fc.constantFrom('allergy', 'intolerance'),
    category: fc.constantFrom(['food'], ['medication']),
    status: fc.constantFrom('active', 'inactive', 'resolved'),
    manifestation: concept,
    severity: fc.constantFrom('mild', 'moderate', 'severe'),
  })
  .map(({ status, manifestation, severity, ...rest }) => ({
    resourceType: 'AllergyIntolerance',
    ...rest,
    clinicalStatus: at('allergyintolerance-clinical')(status),
    verificationStatus: at('allergyintolerance-verification')('confirmed'),
    patient: subject,
    reaction: [{ manifestation: [manifestation], severity }],
  }));
const medication = fc
  .record({
    id,
    identifier,
    medicationCodeableConcept: concept,
    status: fc.constantFrom('active', 'completed', 'on-hold', 'stopped'),
    start: date,
    dose: quantity,
    route: concept,
    period: fc.integer({ min: 1, max: 24 }),
    text: word,
  })
  .map(({ start, dose, route, period, text, ...rest }) => ({
    resourceType: 'MedicationStatement',
    ...rest,
    subject,
    effectivePeriod: { start },
    dosage: [
      {
        text,
        timing: { repeat: { frequency: 1, period, periodUnit: 'h' } },
        route,
        doseAndRate: [{ doseQuantity: dose }],
      },
    ],
  }));
const immunization = fc
  .record({
    id,
    identifier,
    vaccineCode: concept,
    occurrenceDateTime: fc.oneof(date, moment),
    lotNumber: word,
    route: concept,
  })
  .map((rest) => ({ resourceType: 'Immunization', status: 'completed', ...rest, patient: subject }));
const procedure = fc
  .record({
    id,
    identifier,
    code: concept,
    performedDateTime: fc.oneof(date, moment),
    status: fc.constantFrom('completed', 'in-progress', 'stopped', 'not-done'),
  })
  .map((rest) => ({ resourceType: 'Procedure', ...rest, subject }));
const observation = fc
  .record({
    id,
    identifier,
    code: concept,
    effectiveDateTime: moment,
    category: fc.constantFrom('laboratory', 'vital-signs', 'social-history'),
    interpretation: concept,
    high: quantity,
    value: fc.oneof(
      quantity.map((valueQuantity) => ({ valueQuantity })),
      concept.map((valueCodeableConcept) => ({ valueCodeableConcept })),
      word.map((valueString) => ({ valueString })),
      quantity.map((each) => ({ valueQuantity: { ...each, comparator: '<' } })),
    ),
  })
  .map(({ category, value, interpretation, high, ...rest }) => ({
    resourceType: 'Observation',
    status: 'final',
    ...rest,
    ...value,
    category: [at('observation-category')(category)].map(({ coding }) => ({ coding })),
    subject,
    interpretation: [interpretation],
    referenceRange: [{ high }],
  }));
const patient = fc
  .record({
    family: word,
    given: fc.array(word, { minLength: 1, maxLength: 2 }),
    gender: fc.constantFrom('male', 'female', 'other'),
    birthDate: date,
    identifier,
    city: word,
    line: word,
    phone: fc.stringMatching(/^\+[0-9]{7,12}$/),
  })
  .map(({ family, given, city, line, phone, ...rest }) => ({
    resourceType: 'Patient',
    id: 'p',
    ...rest,
    name: [{ use: 'usual', family, given }],
    address: [{ use: 'home', line: [line], city }],
    telecom: [{ system: 'phone', value: phone, use: 'mobile' }],
  }));

/** `actual` holds every element of `expected`, ids and references aside. */
function expectFacts(actual: Resource | undefined, expected: Resource): void {
  const { id: _id, subject: _subject, patient: _patient, category, ...facts } = expected;
  expect(actual).toMatchObject(facts);
  if (category)
    expect(JSON.stringify(actual?.category)).toContain(
      JSON.stringify(category).match(/"code":"[^"]*"|food|medication/)?.[0],
    );
}

describe('FHIR to C-CDA and back', () => {
  it('keeps what both can hold', () => {
    fc.assert(
      fc.property(
        patient,
        fc.array(fc.oneof(condition, allergy, medication, immunization, procedure, observation), { maxLength: 8 }),
        (person, others) => {
          const resources = [person, ...others] as Resource[];
          const { bytes } = ccdOf(resources, OPTIONS);
          const back = cdaToFhir.convert(bytes?.content ?? new Uint8Array(), {});
          const found = back.resources ?? [];
          for (const resource of found)
            expect(validate(resource).filter(({ severity }) => severity === 'error')).toEqual([]);
          const key = (resource: Resource): string => JSON.stringify([resource.resourceType, resource.identifier]);
          for (const resource of resources) {
            const same = found.filter((each) => key(each) === key(resource));
            const twins = resources.filter((each) => key(each) === key(resource)).length;
            expect(same.length).toBe(twins);
            if (twins === 1) expectFacts(same[0], resource);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('a Continuity of Care Document', () => {
  const person = { resourceType: 'Patient', id: 'p', name: [{ family: 'Wong' }] };
  const root = (resources: unknown[]): XmlElement =>
    parseXml(ccdOf(resources as Resource[], OPTIONS).bytes?.content ?? new Uint8Array());
  const sections = (document: XmlElement): XmlElement[] =>
    document
      .at('component', 'structuredBody')
      ?.all('component')
      .flatMap((component) => component.all('section')) ?? [];

  it('has the six required sections, which say that nothing is known', () => {
    const found = sections(root([person]));
    expect(found.map((section) => section.child('code')?.attributes.code)).toEqual([
      '48765-2',
      '10160-0',
      '11450-4',
      '30954-2',
      '29762-2',
      '8716-3',
    ]);
    for (const section of found) {
      expect(section.attributes.nullFlavor).toBe('NI');
      expect(section.child('text')?.text()).not.toBe('');
      expect(
        section
          .all('templateId')
          .map(({ attributes }) => attributes.extension)
          .filter(Boolean),
      ).toHaveLength(1);
    }
  });

  it('has the header that US Realm asks for, in the order of the schema', () => {
    const document = root([person]);
    expect(document.elements().map(({ name }) => name)).toEqual([
      'realmCode',
      'typeId',
      'templateId',
      'templateId',
      'templateId',
      'templateId',
      'id',
      'code',
      'title',
      'effectiveTime',
      'confidentialityCode',
      'languageCode',
      'recordTarget',
      'author',
      'custodian',
      'documentationOf',
      'component',
    ]);
    expect(document.child('effectiveTime')?.attributes.value).toBe('20260301100000+0800');
  });

  it('reports what it leaves out', () => {
    const goal = { resourceType: 'Goal', id: 'g', lifecycleStatus: 'active', description: { text: 'walk' } };
    const { fidelity } = ccdOf([person, goal] as Resource[], OPTIONS);
    expect(fidelity.dropped.map(({ path }) => path)).toEqual(['Goal.description', 'Goal.lifecycleStatus']);
    expect(fidelity.mapped).toContainEqual({ path: 'Patient.name', count: 1 });
  });

  it('keeps digits as they were written, and refuses what is no Bundle of one patient', () => {
    const value =
      '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50,"code":"mg"}}';
    const bundle = `{"resourceType":"Bundle","entry":[{"resource":${JSON.stringify(person)}},{"resource":${value}}]}`;
    const result = fhirToCcd.convert(Buffer.from(bundle), OPTIONS);
    expect(Buffer.from(result.bytes?.content ?? '').toString()).toContain('value="1.50"');
    expect(() => fhirToCcd.convert(Buffer.from('{"resourceType":"Bundle"}'), OPTIONS)).toThrow(/exactly one Patient/);
    expect(() => fhirToCcd.convert(Buffer.from('x'), OPTIONS)).toThrow(/not JSON/);
  });

  it('is written from resources of any form, as XML that can be read', () => {
    const types = fc.constantFrom(
      'Condition',
      'AllergyIntolerance',
      'MedicationRequest',
      'Observation',
      'DiagnosticReport',
      'Encounter',
      'Procedure',
      'Immunization',
      'ServiceRequest',
    );
    const keys = fc.constantFrom(
      'code',
      'coding',
      'text',
      'value',
      'valueQuantity',
      'effectivePeriod',
      'start',
      'dosageInstruction',
      'timing',
      'repeat',
      'period',
      'reaction',
      'manifestation',
      'component',
      'result',
      'reference',
      'identifier',
      'system',
      'class',
      'note',
      'category',
      'status',
      'name',
      'address',
    );
    const wild = fc.dictionary(
      keys,
      fc.letrec((tie) => ({
        any: fc.oneof(
          { maxDepth: 4 },
          fc.string({ unit: 'binary' }),
          fc.double(),
          fc.constant(null),
          fc.boolean(),
          fc.array(tie('any'), { maxLength: 3 }),
          fc.dictionary(keys, tie('any'), { maxKeys: 4 }),
        ),
      })).any,
      { maxKeys: 8 },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(types, wild), { maxLength: 5 }), (others) => {
        const resources = others.map(([resourceType, rest], index) => ({ ...rest, resourceType, id: `i${index}` }));
        expect(() => root([person, ...resources])).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});
