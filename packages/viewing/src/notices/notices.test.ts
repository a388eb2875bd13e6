import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isQuiet, readPreferences, wantsView } from './preferences.ts';

const HONG_KONG = 'Asia/Hong_Kong';
/** A moment at a minute after midnight in Hong Kong (UTC+8, no summer time). */
const at = (minute: number): number => Date.UTC(2026, 0, 5) - 8 * 3600_000 + minute * 60_000;

test('quiet hours run over midnight, in the zone of the patient', () => {
  const preferences = readPreferences({ views: 'every', quiet: { from: 22 * 60, until: 7 * 60, zone: HONG_KONG } });
  expect(isQuiet(preferences, at(23 * 60))).toBe(true);
  expect(isQuiet(preferences, at(6 * 60 + 59))).toBe(true);
  expect(isQuiet(preferences, at(7 * 60))).toBe(false);
  expect(isQuiet(preferences, at(12 * 60))).toBe(false);
});

test('every minute is quiet in exactly one of two hours that complete each other', () => {
  const minute = fc.integer({ min: 0, max: 1439 });
  fc.assert(
    fc.property(minute, minute, minute, (from, until, now) => {
      fc.pre(from !== until);
      const hours = (low: number, high: number) =>
        readPreferences({ views: 'every', quiet: { from: low, until: high, zone: HONG_KONG } });
      expect(isQuiet(hours(from, until), at(now))).toBe(!isQuiet(hours(until, from), at(now)));
    }),
  );
});

test('a broken glass is told to everybody, whatever they prefer', () => {
  for (const views of ['every', 'unusual', 'break-glass', 'digest']) {
    expect(wantsView(readPreferences({ views }), ['break-glass'])).toBe('now');
  }
  expect(wantsView(readPreferences({ views: 'unusual' }), [])).toBe('no');
  expect(wantsView(readPreferences({ views: 'unusual' }), ['same-surname'])).toBe('now');
  expect(wantsView(readPreferences({ views: 'digest' }), [])).toBe('digest');
});

test.each([
  [{ views: 'sometimes' }],
  [{ views: 'every', email: 'a@b, c@d' }],
  [{ views: 'every', email: 'a@b\r\nBcc: c@d' }],
  [{ views: 'every', webhook: 'http://example.org/' }],
  [{ views: 'every', webhook: 'https://user:word@example.org/' }],
  [{ views: 'every', quiet: { from: 0, until: 1440, zone: HONG_KONG } }],
  [{ views: 'every', quiet: { from: 0, until: 60, zone: 'Moon/Tranquility' } }],
  [{ views: 'every', neverAsk: ['Patient/1'] }],
  [{ views: 'every', extra: 1 }],
])('%j are no preferences', (value) => {
  expect(() => readPreferences(value)).toThrow(/must|may/);
});
