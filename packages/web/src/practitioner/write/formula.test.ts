import { expect, test } from 'vitest';
import { type FormulaTyped, formulaOrder, gramsOf, type HerbLine } from './formula.ts';
import type { WritingContext } from './writing-context.ts';

const CONTEXT: WritingContext = {
  patient: { reference: 'Patient/1' },
  practitioner: { reference: 'Practitioner/1', display: 'CMP' },
  roles: ['tcm-practitioner'],
  at: '2026-03-01T01:00:00.000Z',
};

const line = (zhHant: string, dose: number | undefined, role: HerbLine['role'] = ''): HerbLine => ({
  key: zhHant,
  herb: { typed: zhHant },
  dose,
  unit: 'g',
  role,
});

const TYPED: FormulaTyped = {
  formula: { typed: '' },
  herbs: [line('丹參', 15, 'sovereign'), line('', undefined)],
  form: 'granules',
  packs: 7,
  packsPerDay: 1,
  instruction: '溫服',
};

test('a formula becomes an order of our profile, with role and dose of each herb', () => {
  const order = formulaOrder(CONTEXT, TYPED);
  expect(order).toMatchObject({
    status: 'active',
    requester: CONTEXT.practitioner,
    dispenseRequest: { quantity: { value: 7, code: '{pack}' }, validityPeriod: { end: '2026-03-08' } },
  });
  const [medication] = order?.contained ?? [];
  expect(medication).toMatchObject({
    form: { coding: [{ code: 'granules' }] },
    ingredient: [{ itemCodeableConcept: { text: '丹參' }, strength: { numerator: { value: 15, code: 'g' } } }],
  });
});

test('a herb without a dose, or no herb, is no order yet', () => {
  expect(formulaOrder(CONTEXT, { ...TYPED, herbs: [line('丹參', undefined)] })).toBeUndefined();
  expect(formulaOrder(CONTEXT, { ...TYPED, herbs: [] })).toBeUndefined();
  expect(formulaOrder(CONTEXT, { ...TYPED, packs: undefined })).toBeUndefined();
});

test('grams are added without the dust of floating point', () => {
  expect(gramsOf([line('a', 0.1), line('b', 0.2)])).toBe(0.3);
});
