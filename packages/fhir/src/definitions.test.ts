import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { elementsOf, isResourceType, mandatoryElements, resourceTypes, summaryElements } from './definitions.ts';

test('the resource types of R4 and nothing else', () => {
  // R4 (4.0.1), Resource Index: 148 types, of which Resource and DomainResource are abstract.
  expect(resourceTypes()).toHaveLength(146);
  expect(isResourceType('Patient')).toBe(true);
  for (const name of [
    'DomainResource',
    'Resource',
    'HumanName',
    'SubscriptionStatus',
    'constructor',
    '__proto__',
    '',
  ]) {
    expect({ name, is: isResourceType(name) }).toEqual({ name, is: false });
  }
});

test('summary and mandatory elements by JSON property', () => {
  expect(summaryElements('Patient')).toContain('birthDate');
  expect(summaryElements('Patient')).not.toContain('photo');
  expect(summaryElements('Observation')).toContain('valueQuantity');
  expect(mandatoryElements('Observation')).toEqual(['status', 'code']);
  expect(mandatoryElements('MedicationRequest')).toContain('medicationCodeableConcept');
  expect(mandatoryElements('constructor')).toEqual([]);
  expect(summaryElements('Nothing')).toEqual([]);
});

test('elements of nested structures, inherited ones included', () => {
  expect(elementsOf('Patient.contact').map(({ property }) => property)).toEqual(
    expect.arrayContaining(['id', 'extension', 'modifierExtension', 'relationship', 'organization']),
  );
});

test('the generated tables stay small enough to check in', () => {
  const size = (file: string) => statSync(new URL(`../generated/${file}`, import.meta.url)).size;
  expect(size('structures.json') + size('terminology.json.br')).toBeLessThan(1_500_000);
});
