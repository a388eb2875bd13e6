import type { FhirResource, Observation } from 'fhir/r4';
import { expect, test } from 'vitest';
import { dateOf, observationValue, summaryOf } from './summary.ts';

const pressure: Observation = {
  resourceType: 'Observation',
  id: 'bp',
  status: 'final',
  code: { text: 'Blood pressure 血壓' },
  effectiveDateTime: '2026-01-02T10:00:00+08:00',
  component: [
    { code: { coding: [{ code: '8480-6' }] }, valueQuantity: { value: 142, unit: 'mmHg' } },
    { code: { coding: [{ code: '8462-4' }] }, valueQuantity: { value: 91, unit: 'mmHg' } },
  ],
  interpretation: [{ coding: [{ code: 'H' }] }],
};

test('a result in a line', () => {
  expect(summaryOf(pressure, 'zh-Hant')).toEqual({
    type: 'Observation',
    id: 'bp',
    version: '1',
    date: '2026-01-02T10:00:00+08:00',
    title: '血壓',
    value: '142/91 mmHg',
    detail: '',
    flag: 'high',
    chinese: false,
  });
});

test('every form of a value', () => {
  const value = (part: Partial<Observation>) =>
    observationValue({ resourceType: 'Observation', status: 'final', code: {}, ...part }, 'en');
  expect(value({ valueBoolean: false })).toBe('✗');
  expect(value({ valueInteger: 0 })).toBe('0');
  expect(value({ valueString: 'clear\u202E' })).toBe('clear');
  expect(value({ valueRatio: { numerator: { value: 1 }, denominator: { value: 128 } } })).toBe('1 : 128');
  expect(value({})).toBe('');
});

test('the time of the matter comes before the time of writing', () => {
  const condition: FhirResource = {
    resourceType: 'Condition',
    subject: {},
    onsetDateTime: '1999',
    recordedDate: '2020-01-01',
    meta: { lastUpdated: '2026-01-01T00:00:00Z' },
  };
  expect(dateOf(condition)).toBe('1999');
  expect(dateOf({ resourceType: 'Encounter', status: 'finished', class: {}, period: { end: '2001' } })).toBe('2001');
  expect(dateOf({ resourceType: 'Basic', code: {} })).toBeUndefined();
});

test('a type without a line of its own is named by what most types are named by', () => {
  expect(
    summaryOf(
      { resourceType: 'Goal', lifecycleStatus: 'active', subject: {}, description: { text: 'Walk more' } },
      'en',
    ).title,
  ).toBe('Walk more');
});

test('resources that are not as the type says do not break a list', () => {
  const strange = {
    resourceType: 'Procedure',
    id: 7,
    code: null,
    performer: undefined,
    period: 3,
  } as unknown as FhirResource;
  expect(() => summaryOf(strange, 'en')).not.toThrow();
});
