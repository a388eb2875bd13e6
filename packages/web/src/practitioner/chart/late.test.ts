import type { Composition } from 'fhir/r4';
import { expect, test } from 'vitest';
import { isLate } from './late.ts';

const note = (start: string | undefined, date: string): Composition => ({
  resourceType: 'Composition',
  status: 'final',
  type: { text: 'Note' },
  title: 'Note',
  author: [],
  date,
  ...(start !== undefined && { event: [{ period: { start } }] }),
});

test('a note is late a day after what it tells of', () => {
  expect(isLate(note('2026-03-01T09:00:00+08:00', '2026-03-02T09:00:01+08:00'))).toBe(true);
  expect(isLate(note('2026-03-01T09:00:00+08:00', '2026-03-02T09:00:00+08:00'))).toBe(false);
  expect(isLate(note(undefined, '2026-03-02T09:00:00+08:00'))).toBe(false);
});

test('a result is not late for being reported later', () => {
  const effectiveDateTime = '2026-03-01T09:00:00Z';
  expect(
    isLate({
      resourceType: 'Observation',
      status: 'final',
      code: {},
      effectiveDateTime,
      issued: '2026-03-09T09:00:00Z',
    }),
  ).toBe(false);
});
