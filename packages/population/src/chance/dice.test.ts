import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Dice } from './dice.ts';

it('draws the same from equal keys and differently from others', () => {
  const draw = (key: string) => {
    const dice = new Dice(key);
    return Array.from({ length: 20 }, () => dice.next());
  };
  expect(draw('7/a')).toEqual(draw('7/a'));
  expect(draw('7/a')).not.toEqual(draw('7/b'));
});

it('spreads evenly', () => {
  const dice = new Dice('even');
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) counts[Math.floor(dice.next() * 10)]!++;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

it('keeps whole numbers within their bounds', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: -1000, max: 1000 }), fc.nat(1000), (key, low, width) => {
      const value = new Dice(key).whole(low, low + width);
      expect(Number.isInteger(value)).toBe(true);
      expect(value).toBeGreaterThanOrEqual(low);
      expect(value).toBeLessThanOrEqual(low + width);
    }),
  );
});

it('draws by weight, never an item without any', () => {
  const dice = new Dice('weights');
  const drawn = Array.from({ length: 10_000 }, () =>
    dice.weighted([['rare', 1] as const, ['never', 0] as const, ['often', 9] as const]),
  );
  expect(drawn).not.toContain('never');
  const rare = drawn.filter((item) => item === 'rare').length;
  expect(rare).toBeGreaterThan(850);
  expect(rare).toBeLessThan(1150);
});
