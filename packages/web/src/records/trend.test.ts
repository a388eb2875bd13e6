import type { Observation } from 'fhir/r4';
import { expect, test } from 'vitest';
import { trendOf, trendSearch } from './trend.ts';

const at = (date: string, value: number, part: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '4548-4' }] },
  subject: { reference: 'Patient/p' },
  effectiveDateTime: date,
  valueQuantity: { value, unit: '%', code: '%' },
  ...part,
});

test('the values in one unit, oldest first, without errors and doubles', () => {
  const newest = at('2026-03-01', 7, { referenceRange: [{ high: { value: 5.6 } }] });
  const trend = trendOf(
    [
      newest,
      at('2026-01-01', 6),
      at('2026-01-01', 6),
      at('2026-02-01', 53, { valueQuantity: { value: 53, code: 'mmol/mol' } }),
      at('2026-02-02', 99, { status: 'entered-in-error' }),
    ],
    newest,
  );
  expect(trend.points.map(({ value }) => value)).toEqual([6, 7]);
  expect(trend).toMatchObject({ unit: '%', low: undefined, high: 5.6 });
});

test('what cannot be drawn is not asked for', () => {
  expect(trendSearch(at('2026-01-01', 6))).toMatchObject({ patient: 'Patient/p', code: 'http://loinc.org|4548-4' });
  const { valueQuantity: _value, ...withoutValue } = at('2026-01-01', 1);
  expect(trendSearch({ ...withoutValue, valueString: 'high' })).toBeUndefined();
});
