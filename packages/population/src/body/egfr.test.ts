import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ckdEpi2021, creatinineFor } from './egfr.ts';

it('gives the filtration that the equation gives by hand', () => {
  // 142 × (1.0 / 0.9)^-1.2 × 0.9938^50 = 91.7 for a man of 50 with 1.0 mg/dL.
  expect(ckdEpi2021(88.4, 50, 'male')).toBeCloseTo(91.7, 0);
  // 142 × (0.7 / 0.7)^… × 0.9938^40 × 1.012 for a woman of 40 with 0.7 mg/dL.
  expect(ckdEpi2021(0.7 * 88.4, 40, 'female')).toBeCloseTo(142 * 0.9938 ** 40 * 1.012, 6);
});

it('is undone by its inverse', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 5, max: 140, noNaN: true }),
      fc.integer({ min: 18, max: 100 }),
      fc.constantFrom('male' as const, 'female' as const),
      (rate, age, sex) => {
        expect(ckdEpi2021(creatinineFor(rate, age, sex), age, sex)).toBeCloseTo(rate, 6);
      },
    ),
  );
});
