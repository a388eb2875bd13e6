import { expect, test } from 'vitest';
import { table } from './table.ts';
import { duration, parseDuration, printable } from './words.ts';

test('lines columns up', () => {
  expect(table(['type', 'read'], [['Patient', '1,000']], ['total', '1,000'])).toBe(
    ['type      read', '-------  -----', 'Patient  1,000', '-------  -----', 'total    1,000', ''].join('\n'),
  );
});

test('shows no name that could move the cursor', () => {
  expect(printable('a\u001b[2J\nb\u202e')).toBe('a?[2J?b?');
  expect(printable('x'.repeat(300))).toHaveLength(200);
});

test('writes and reads times', () => {
  expect([5, 200, 7500].map(duration)).toEqual(['5 s', '3 min 20 s', '2 h 5 min']);
  expect(['90', '90s', '15m', '1h', '2d', '1w', '', '-1'].map(parseDuration)).toEqual([
    ...[90, 90, 900, 3600, 172_800],
    ...[undefined, undefined, undefined],
  ]);
});
