import type { FhirResource } from 'fhir/r4';
import { expect, test } from 'vitest';
import { rowsOf } from '../design/timeline-rows.ts';
import { entriesOf, filterEntries } from './entries.ts';

const condition = (id: string, text: string, date?: string): FhirResource => ({
  resourceType: 'Condition',
  id,
  subject: { reference: 'Patient/p' },
  code: { text },
  ...(date !== undefined && { onsetDateTime: date }),
});
const month = (date: string): string => date;

const entries = entriesOf(
  [
    condition('old', 'Café au lait spots', '1980-05-01'),
    condition('none', 'Undated'),
    condition('new', 'Hypertension 高血壓', '2026-02-03T10:00:00+08:00'),
    { resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'HbA1c' }, effectiveDateTime: '2026-02-01' },
  ],
  'en',
  month,
);

test('newest first, what has no date last', () => {
  expect(entries.map(({ summary }) => summary.id)).toEqual(['new', 'o', 'old', 'none']);
});

test('a heading stands wherever the month changes', () => {
  const headings = rowsOf(entries).flatMap((row) => ('heading' in row ? [row.heading] : []));
  expect(headings).toEqual(['2026-02', '1980-05', '']);
});

test('all words must be there; case, accents and script width do not matter', () => {
  const found = (words: string) =>
    filterEntries(entries, words, { kinds: new Set(), chinese: false }).map(({ summary }) => summary.id);
  expect(found('CAFE spots')).toEqual(['old']);
  expect(found('高血')).toEqual(['new']);
  expect(found('ＨｂＡ１ｃ')).toEqual(['o']);
  expect(found('cafe hypertension')).toEqual([]);
  expect(found('  ')).toHaveLength(4);
  expect(found('Patient/p')).toEqual([]);
});

test('kinds narrow', () => {
  expect(
    filterEntries(entries, '', { kinds: new Set(['result']), chinese: false }).map(({ summary }) => summary.id),
  ).toEqual(['o']);
});
