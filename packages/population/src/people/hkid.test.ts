import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Dice } from '../chance/dice.ts';
import { fictiveHkid, hkidCheckDigit, isRealHkid } from './hkid.ts';

it('computes the check digits of published examples', () => {
  expect(hkidCheckDigit('A123456')).toBe('3');
  expect(hkidCheckDigit('AB987654')).toBe('3');
  expect(hkidCheckDigit('G123456')).toBe('A');
  expect(isRealHkid('A123456(3)')).toBe(true);
  expect(isRealHkid('A123456(4)')).toBe(false);
});

it('makes numbers in the right form that always fail the check digit', () => {
  fc.assert(
    fc.property(fc.nat(19_999_999), fc.integer(), (index, seed) => {
      const hkid = fictiveHkid(index, new Dice(String(seed)));
      expect(hkid).toMatch(/^[A-Z]{1,2}\d{6}\([\dA]\)$/);
      expect(isRealHkid(hkid)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

it('never gives two people one number', () => {
  const dice = new Dice('distinct');
  const bodies = new Set<string>();
  for (let index = 0; index < 50_000; index++) bodies.add(fictiveHkid(index * 331, dice).split('(')[0]!);
  expect(bodies.size).toBe(50_000);
});
