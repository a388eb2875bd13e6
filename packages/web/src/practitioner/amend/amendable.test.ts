import type { AllergyIntolerance, Composition, Condition, Observation } from 'fhir/r4';
import { expect, test } from 'vitest';
import { amended, choicesFor, isAmendable, provenanceOf } from './amendable.ts';

const subject = { reference: 'Patient/1' };
const CONDITION: Condition = {
  resourceType: 'Condition',
  id: 'c',
  subject,
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
};

test('what already is so is not offered', () => {
  expect(choicesFor(CONDITION)).toEqual(['resolved', 'refuted', 'entered-in-error']);
  expect(isAmendable({ resourceType: 'Patient' })).toBe(false);
});

test('an entry in error has no clinical status any more', () => {
  const after = amended(CONDITION, 'entered-in-error', {}, 'wrong patient') as Condition;
  expect(after.clinicalStatus).toBeUndefined();
  expect(after.verificationStatus?.coding?.[0]?.code).toBe('entered-in-error');
});

test('a refuted allergy is not active', () => {
  const allergy: AllergyIntolerance = { resourceType: 'AllergyIntolerance', patient: subject };
  const after = amended(allergy, 'refuted', {}, 'tested') as AllergyIntolerance;
  expect([after.clinicalStatus?.coding?.[0]?.code, after.verificationStatus?.coding?.[0]?.code]).toEqual([
    'inactive',
    'refuted',
  ]);
});

test('a corrected result loses the flag of its old value', () => {
  const result: Observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'Potassium' },
    valueQuantity: { value: 7.1, unit: 'mmol/L' },
    interpretation: [{ coding: [{ code: 'HH' }] }],
  };
  const after = amended(result, 'value', { value: 4.1 }, 'haemolysed') as Observation;
  expect(after).toMatchObject({ status: 'corrected', valueQuantity: { value: 4.1, unit: 'mmol/L' } });
  expect(after.interpretation).toBeUndefined();
});

test('an amended note keeps the sections that were not touched', () => {
  const note: Composition = {
    resourceType: 'Composition',
    status: 'final',
    type: {},
    title: 'Note',
    date: '2026-01-01',
    author: [],
    section: [{ title: 'A', text: { status: 'additional', div: '<div>a</div>' } }, { title: 'B' }],
  };
  const after = amended(note, 'sections', { sections: ['<div>new</div>'] }, 'typo') as Composition;
  expect(after.status).toBe('amended');
  expect(after.section).toEqual([
    { title: 'A', text: { status: 'additional', div: '<div>new</div>' } },
    { title: 'B' },
  ]);
});

test('a provenance says who and why', () => {
  const by = { reference: 'Practitioner/1', display: 'Dr' };
  const at = '2026-01-01T00:00:00Z';
  expect(provenanceOf({ type: 'Condition', id: 'c', patientId: '1' }, { by, reason: 'typo', at })).toMatchObject({
    target: [{ reference: 'Condition/c' }, { reference: 'Patient/1' }],
    reason: [{ text: 'typo' }],
    agent: [{ who: by }],
  });
});
