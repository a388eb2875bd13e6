import { LABEL, labelsOf } from '@meridian/records';
import { expect, test } from 'vitest';
import { LABEL_RULES } from './label-rules.ts';

const labels = (system: string, code: string) =>
  labelsOf({ resourceType: 'Condition', code: { coding: [{ system, code }] } }, LABEL_RULES);

test.each([
  ['F10.2', LABEL.substanceUse],
  ['F17.2', 0],
  ['F20.0', LABEL.mentalHealth],
  ['F03', 0],
  ['B20', LABEL.hiv],
  ['B25', 0],
  ['A51.0', LABEL.sexualHealth],
  ['A49', 0],
  ['T74.1', LABEL.violence],
  ['E11.9', 0],
])('ICD-10 %s', (code, mask) => {
  expect(labels('http://hl7.org/fhir/sid/icd-10', code)).toBe(mask);
  expect(labels('http://hl7.org/fhir/sid/icd-10-cm', code)).toBe(mask);
  expect(labels('http://loinc.org', code)).toBe(0);
});

test('HIV tests are labelled, other tests are not', () => {
  expect(labels('http://loinc.org', '56888-1')).toBe(LABEL.hiv);
  expect(labels('http://loinc.org', '4548-4')).toBe(0);
});
