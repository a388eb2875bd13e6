import { expect, test } from 'vitest';
import { narrowed } from './narrow.ts';

const WHOLE = { types: [], sensitivities: ['HIV'], records: [] };

test('a part of the whole record names its types', () => {
  const { scope } = narrowed(
    { scope: WHOLE },
    { parts: ['diagnoses'], of: ['diagnoses', 'results'], matters: [], minutes: 60 },
  );
  expect(scope).toEqual({ types: ['Condition'], sensitivities: [], records: [] });
});

test('all parts leave the types as they were asked for', () => {
  const { scope } = narrowed(
    { scope: { ...WHOLE, types: ['Condition', 'Goal'] } },
    { parts: ['diagnoses'], of: ['diagnoses'], matters: ['HIV'], minutes: 60 },
  );
  expect(scope).toEqual({ types: ['Condition', 'Goal'], sensitivities: ['HIV'], records: [] });
});

test('nothing is named that was not asked for', () => {
  const { scope } = narrowed(
    { scope: { ...WHOLE, types: ['Observation', 'Condition'] } },
    { parts: ['results'], of: ['results', 'diagnoses'], matters: [], minutes: 60, views: 3 },
  );
  expect(scope?.types).toEqual(['Observation']);
});
