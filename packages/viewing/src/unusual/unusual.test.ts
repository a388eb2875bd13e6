import { expect, test } from 'vitest';
import { unusualFlags, type ViewFacts } from './unusual.ts';

const USUAL: ViewFacts = {
  ...{ own: false, underCare: true, agreed: false },
  ...{
    viewerSurnames: ['Chan'],
    patientSurnames: ['Wong', '黃'],
    viewerOrganizations: ['a'],
    patientOrganizations: [],
  },
  ...{ patientSecurity: [], patientsToday: 12, patientsBefore: [10, 14, 11, 9, 12] },
};

test('a usual view raises nothing', () => {
  expect(unusualFlags(USUAL)).toEqual([]);
  expect(unusualFlags({ ...USUAL, underCare: false, agreed: true })).toEqual([]);
});

test("each reason raises its flag, and one's own record none", () => {
  const odd: ViewFacts = {
    ...USUAL,
    ...{ underCare: false, viewerSurnames: ['Müller', '黃'], patientSurnames: ['MULLER'], patientOrganizations: ['a'] },
    patientSecurity: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'CEL' }],
    patientsToday: 60,
  };
  expect(unusualFlags(odd)).toEqual(['not-under-care', 'same-surname', 'colleague', 'well-known-person', 'volume']);
  expect(unusualFlags({ ...odd, own: true })).toEqual([]);
  expect(unusualFlags({ ...USUAL, viewerSurnames: ['黃'] })).toEqual(['same-surname']);
});

test('volume is measured against the own days, of which there must be some', () => {
  expect(unusualFlags({ ...USUAL, patientsToday: 60, patientsBefore: [] })).toEqual([]);
  expect(unusualFlags({ ...USUAL, patientsToday: 60, patientsBefore: [55, 61, 58, 60, 62] })).toEqual([]);
  expect(unusualFlags({ ...USUAL, patientsToday: 19, patientsBefore: [1, 1, 1, 1, 1] })).toEqual([]);
});
