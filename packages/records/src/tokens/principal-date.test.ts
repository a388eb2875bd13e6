import { createHash } from 'node:crypto';
import { resourceTypes, searchParametersOf } from '@meridian/fhir';
import { expect, it } from 'vitest';
import { principalCodeKey } from './principal-code.ts';
import { principalDateKey } from './principal-date.ts';

const digest = (pick: (type: string) => string | undefined): string => {
  const list = resourceTypes().map((type) => [type, pick(type) ?? null]);
  return createHash('sha256').update(JSON.stringify(list)).digest('hex').slice(0, 16);
};

it('is the date, or the code, that is on disk', () => {
  // a change here means that stored rows are put in order and found by another element: rebuild the index first
  expect(digest(principalDateKey)).toBe('6229c2baaaf8bb8b');
  expect(digest(principalCodeKey)).toBe('25354d0da44a6fa3');
});

it.each([
  ['Observation', 'date'],
  ['Condition', 'onset-date'],
  ['Encounter', 'date'],
  ['MedicationRequest', 'authoredon'],
  ['Patient', 'birthdate'],
  ['Organization', undefined],
])('%s is put in order by %s', (type, key) => {
  expect(principalDateKey(type)).toBe(key);
});

it('occurs once in a resource, so that two columns hold it', () => {
  for (const type of resourceTypes()) {
    const key = principalDateKey(type);
    const parameters = searchParametersOf(type).filter(({ index }) => key !== undefined && index.includes(key));
    expect(parameters.filter(({ multiple }) => multiple)).toEqual([]);
  }
});
