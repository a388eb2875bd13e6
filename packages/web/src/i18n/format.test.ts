import { expect, test } from 'vitest';
import { formatFor } from './format.ts';
import { languageOf } from './language.ts';

test('dates are shown as far as they are known, and a day stays that day in every zone', () => {
  const english = formatFor('en');
  expect([english.date('1942'), english.date('1942-04'), english.date('1942-04-20')]).toEqual([
    '1942',
    'April 1942',
    '20 Apr 1942',
  ]);
  expect(formatFor('zh-Hant').date('1942-04-20')).toBe('1942年4月20日');
  expect(english.date('not a date')).toBe('not a date');
  expect(english.date(undefined)).toBe('');
});

test('what is near is said relative to now, what is far by its date', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  const english = formatFor('en');
  expect(english.ago('2026-11-22T12:00:00Z', now)).toBe('yesterday');
  expect(english.ago('2026-11-23T11:57:00Z', now)).toBe('3 minutes ago');
  expect(english.ago('2026-01-01', now)).toBe('1 Jan 2026');
});

test('ages count whole years', () => {
  const { years } = formatFor('en');
  expect([years('1942-04-20', '2026-04-19'), years('1942-04-20', '2026-04-20')]).toEqual([83, 84]);
});

test.each([
  ['zh-HK', 'zh-Hant'],
  ['zh-TW', 'zh-Hant'],
  ['yue', 'zh-Hant'],
  ['zh', 'zh-Hans'],
  ['zh-SG', 'zh-Hans'],
  ['zh-Hans-HK', 'zh-Hans'],
  ['en-GB', 'en'],
  ['fr', undefined],
  ['not a tag', undefined],
])('%s is read in %s', (tag, expected) => {
  expect(languageOf(tag)).toBe(expected);
});
