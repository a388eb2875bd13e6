import { hasErrors, type Resource, stringifyJson, validate } from '@meridian/fhir';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimal } from './mapping/quantities.ts';
import { convertMessage } from './to-fhir.ts';
import { type OutgoingHeader, toAdtA08, toOruR01 } from './to-v2.ts';

const HEADER: OutgoingHeader = {
  sendingApplication: 'MERIDIAN',
  sendingFacility: 'HOSP',
  receivingApplication: 'LAB',
  receivingFacility: 'LAB',
  at: new Date('2026-01-01T00:00:00Z'),
  controlId: '1',
};
const OPTIONS = { at: HEADER.at };

function back(bytes: Uint8Array, type: string): Record<string, unknown>[] {
  const entries = convertMessage(bytes, OPTIONS).bundle.entry as { resource: Resource }[];
  return entries.map(({ resource }) => resource).filter(({ resourceType }) => resourceType === type);
}

const word = fc.string({ unit: fc.constantFrom(...'abcXYZ|^~&\\陳大文é'), minLength: 1, maxLength: 8 });
const day = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2025-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const patient = fc
  .record({
    identifier: fc.array(
      fc.record({
        type: fc.constant({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] }),
        system: fc.constantFrom('urn:oid:1.2.344.5', 'https://hospital.example/mrn'),
        value: word,
      }),
      { minLength: 1, maxLength: 1 },
    ),
    name: fc.array(
      fc.record({ family: word, given: fc.array(word, { minLength: 1, maxLength: 1 }), use: fc.constant('official') }),
      { minLength: 1, maxLength: 1 },
    ),
    birthDate: day,
    gender: fc.constantFrom('male', 'female', 'other', 'unknown'),
    telecom: fc.array(
      fc.record({ system: fc.constantFrom('phone', 'fax'), value: word, use: fc.constantFrom('home', 'work') }),
      { maxLength: 1 },
    ),
  })
  .map((elements): Resource => ({ resourceType: 'Patient', ...elements }));

test('FHIR → ADT^A08 → FHIR keeps the facts that both hold', () => {
  fc.assert(
    fc.property(patient, (sent) => {
      const [got] = back(toAdtA08(sent, undefined, HEADER).bytes, 'Patient');
      expect(got).toMatchObject({ identifier: sent.identifier, birthDate: sent.birthDate, gender: sent.gender });
      const names = got?.name as { family: string; given: string[]; use: string }[];
      const [name] = sent.name as { family: string; given: string[]; use: string }[];
      expect(names[0]).toMatchObject(name as object);
      expect(got?.telecom ?? []).toEqual(sent.telecom);
    }),
  );
});

const value = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 999 }), fc.stringMatching(/^\d{0,3}$/), fc.constantFrom('', '<', '>'))
    .map(([whole, fraction, comparator]) => {
      const quantity = decimal(`${whole}${fraction === '' ? '' : `.${fraction}`}`) ?? {};
      if (comparator !== '') quantity.comparator = comparator;
      return {
        valueQuantity: Object.assign(quantity, { unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' }),
      };
    }),
  word.map((valueString) => ({ valueString })),
  day.map((valueDateTime) => ({ valueDateTime })),
  fc.constant({
    valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: '10828004', display: 'Positive' }] },
  }),
);

test('FHIR → ORU^R01 → FHIR keeps codes, values with their precision and units, and times', () => {
  fc.assert(
    fc.property(patient, fc.array(value, { minLength: 1, maxLength: 4 }), (subject, values) => {
      const observations = values.map(
        (each, at): Resource => ({
          resourceType: 'Observation',
          status: 'final',
          code: { coding: [{ system: 'http://loinc.org', code: `${1000 + at}-1`, display: 'Test' }] },
          effectiveDateTime: '2026-01-02T03:04:05+08:00',
          ...each,
        }),
      );
      const report: Resource = {
        resourceType: 'DiagnosticReport',
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '24323-8' }] },
        issued: '2026-01-02T04:00:00+08:00',
      };
      const { bytes, fidelity } = toOruR01(subject, report, observations, HEADER);
      expect(fidelity.dropped).toEqual([]);
      const got = back(bytes, 'Observation');
      expect(got).toHaveLength(observations.length);
      got.forEach((observation, at) => {
        expect(hasErrors(validate(observation))).toBe(false);
        const sent = observations[at] as Resource;
        const name = Object.keys(values[at] as object)[0] as string;
        expect(observation).toMatchObject({
          code: sent.code,
          status: 'final',
          effectiveDateTime: sent.effectiveDateTime,
        });
        expect(JSON.parse(stringifyJson(observation[name]))).toEqual(JSON.parse(stringifyJson(sent[name])));
        const written = (holder: unknown): string | undefined => /"value":([\d.]+)/.exec(stringifyJson(holder))?.[1];
        expect(written(observation[name])).toBe(written(sent[name]));
      });
      expect(back(bytes, 'DiagnosticReport')[0]).toMatchObject({
        status: 'final',
        issued: report.issued,
        code: report.code,
      });
    }),
  );
});
