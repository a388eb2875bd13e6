import type { FhirResource, MedicationRequest, Observation } from 'fhir/r4';
import { expect, test } from 'vitest';
import { glanceOf } from './glance.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const code = (value: string) => ({ coding: [{ code: value }] });
const allergy = (id: string, clinical: string, sure = 'confirmed'): FhirResource => ({
  resourceType: 'AllergyIntolerance',
  id,
  patient: {},
  clinicalStatus: code(clinical),
  verificationStatus: code(sure),
});
const prescription = (id: string, part: Partial<MedicationRequest>): FhirResource => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'active',
  intent: 'order',
  subject: {},
  ...part,
});
const result = (id: string, value: number, unit: string, date: string): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: code('718-7'),
  effectiveDateTime: date,
  valueQuantity: { value, unit, code: unit },
});
const ids = (resources: readonly { id?: string | undefined }[]) => resources.map(({ id }) => id);

test('allergies that are over, ruled out or entered in error are not shown as allergies', () => {
  const entries = [
    allergy('a', 'active'),
    allergy('b', 'resolved'),
    allergy('c', 'active', 'refuted'),
    allergy('d', 'active', 'entered-in-error'),
  ];
  expect(ids(glanceOf(entries, NOW).allergies)).toEqual(['a']);
});

test('an allergy without a state counts: better one too many than one too few', () => {
  expect(ids(glanceOf([{ resourceType: 'AllergyIntolerance', id: 'a', patient: {} }], NOW).allergies)).toEqual(['a']);
});

test('medicines are those that are active and not past their end, each once', () => {
  const entries = [
    prescription('old', { authoredOn: '2026-01-01', medicationCodeableConcept: code('m') }),
    prescription('new', { authoredOn: '2026-06-01', medicationCodeableConcept: code('m') }),
    prescription('past', {
      medicationCodeableConcept: code('n'),
      dispenseRequest: { validityPeriod: { end: '2026-11-20' } },
    }),
    prescription('today', {
      medicationCodeableConcept: code('o'),
      dispenseRequest: { validityPeriod: { end: '2026-11-23' } },
    }),
    prescription('stopped', { status: 'stopped', medicationCodeableConcept: code('q') }),
  ];
  expect(ids(glanceOf(entries, NOW).medicines).sort()).toEqual(['new', 'today']);
});

test('a series holds one unit only, oldest first', () => {
  const entries = [
    result('1', 14, 'g/dL', '2024-01-01'),
    result('2', 141, 'g/L', '2025-01-01'),
    result('3', 13.5, 'g/dL', '2026-01-01'),
  ];
  const [series] = glanceOf(entries, NOW).results;
  expect(series).toMatchObject({ newest: { id: '3' }, values: [14, 13.5] });
});

test('what lies ahead is coming up, not new', () => {
  const appointment: FhirResource = {
    resourceType: 'Appointment',
    id: 'next',
    status: 'booked',
    participant: [],
    start: '2027-01-01T09:00:00Z',
  };
  const glance = glanceOf([appointment], NOW);
  expect([ids(glance.planned), ids(glance.newest)]).toEqual([['next'], []]);
});
