import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clockOf, minuteOf } from './clock.ts';

test('every minute of the day comes back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1439 }), (minute) => {
      expect(minuteOf(clockOf(minute))).toBe(minute);
    }),
  );
});

test.each(['', '24:00', '7:5', 'noon'])('%j is no time', (text) => expect(minuteOf(text)).toBeUndefined());
