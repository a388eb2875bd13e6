import { createHash } from 'node:crypto';
import { resourceTypes } from '@meridian/fhir';
import { expect, it } from 'vitest';
import { ALL_TYPE_NUMBERS, typeName, typeNumber } from './types.ts';

it('has the numbers that are on disk', () => {
  const names = ALL_TYPE_NUMBERS.map(typeName);
  expect(names.map(typeNumber)).toEqual(names.map((_, i) => i + 1));
  // a change here means that stored rows are read as another type: add names at the end only
  expect(names).toHaveLength(146);
  expect(createHash('sha256').update(names.join()).digest('hex').slice(0, 16)).toBe('177c039c4a847da7');
});

it('knows every type of FHIR R4', () => {
  for (const type of resourceTypes()) expect(typeName(typeNumber(type))).toBe(type);
});

it('refuses what it does not know', () => {
  expect(() => typeNumber('Nonsense')).toThrow(RangeError);
  expect(() => typeName(9999)).toThrow(/9999/);
  expect(() => typeName(0)).toThrow(RangeError);
});
