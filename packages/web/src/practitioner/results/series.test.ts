import type { Observation } from 'fhir/r4';
import { expect, test } from 'vitest';
import { seriesOf } from './series.ts';

const result = (code: string, value: number, at: string, more: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  id: `${code}-${at}`,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  effectiveDateTime: at,
  valueQuantity: { value, unit: 'mmol/L', code: 'mmol/L' },
  ...more,
});

test('results of one code form a series, newest first; other units stay apart', () => {
  const series = seriesOf([
    result('k', 4.1, '2026-01-01'),
    result('k', 4.5, '2026-03-01'),
    result('k', 160, '2026-04-01', { valueQuantity: { value: 160, unit: 'mg/L', code: 'mg/L' } }),
  ]);
  expect(series.map(({ all, values }) => [all.length, values])).toEqual([
    [1, [160]],
    [2, [4.1, 4.5]],
  ]);
});

test('critical comes first, then what is out of range, then the newest; errors are left out', () => {
  const flag = (code: string): Partial<Observation> => ({ interpretation: [{ coding: [{ code }] }] });
  const series = seriesOf([
    result('new', 1, '2026-06-01'),
    result('high', 1, '2026-02-01', flag('H')),
    result('critical', 1, '2026-01-01', flag('HH')),
    result('wrong', 1, '2026-07-01', { status: 'entered-in-error' }),
  ]);
  expect(series.map(({ newest }) => newest.code.coding?.[0]?.code)).toEqual(['critical', 'high', 'new']);
});
