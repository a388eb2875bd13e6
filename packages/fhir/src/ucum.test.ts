import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuantity } from './ucum.ts';

describe('canonicalQuantity', () => {
  it.each([
    [500, 'mg', { value: 0.5, code: 'g' }],
    [0.5, 'g', { value: 0.5, code: 'g' }],
    [1, 'mg/dL', { value: 10, code: 'g.m-3' }],
    [120, 'mm[Hg]', { value: 15998640, code: 'g.m-1.s-2' }],
    [37, 'Cel', { value: 310.15, code: 'K' }],
    [98.6, '[degF]', { value: 310.15, code: 'K' }],
    [60, '/min', { value: 1, code: 's-1' }],
    [60, '{beats}/min', { value: 1, code: 's-1' }],
    [50, '%', { value: 0.5, code: '1' }],
    [5, 'mmol/L', { value: 5, code: 'm-3.mol' }],
    [1, '10*9/L', { value: 1e12, code: 'm-3' }],
  ])('%d %s', (value, unit, expected) => {
    expect(canonicalQuantity(value, unit)).toEqual(expected);
  });

  it('does not make amounts of substance comparable with counts', () => {
    expect(canonicalQuantity(1, 'mmol/L')?.code).not.toBe(canonicalQuantity(1, '10*9/L')?.code);
    expect(canonicalQuantity(1, 'meq/L')?.code).not.toBe(canonicalQuantity(1, 'mmol/L')?.code);
  });

  it.each(['bogus', '', '[pH]', '[iU]/L', 'x'.repeat(65)])('has none for %s', (unit) => {
    expect(canonicalQuantity(1, unit)).toBeUndefined();
  });

  it('is the same for the same amount in other units', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), (amount) => {
        expect(canonicalQuantity(amount, 'mg')).toEqual(canonicalQuantity(amount / 1000, 'g'));
        expect(canonicalQuantity(amount, 'cm')).toEqual(canonicalQuantity(amount / 100, 'm'));
      }),
    );
  });

  it('stays right when more units are asked for than it remembers', () => {
    for (let index = 0; index < 3000; index++) canonicalQuantity(1, `{a${index}}`);
    expect(canonicalQuantity(500, 'mg')).toEqual({ value: 0.5, code: 'g' });
  });
});
