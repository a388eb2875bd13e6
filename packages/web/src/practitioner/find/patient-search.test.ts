import { expect, test } from 'vitest';
import { isoDay, patientSearch } from './patient-search.ts';

test('a line is read as name, number and date of birth', () => {
  expect(patientSearch('  Chan tai 3/2/1980 a123456(7) ')).toEqual({
    name: ['Chan', 'tai'],
    birthdate: '1980-02-03',
    identifier: ['A123456(7)'],
    _count: 30,
  });
  expect(patientSearch('陳大文')).toEqual({ name: ['陳大文'], _count: 30 });
  expect(patientSearch('   ')).toBeUndefined();
});

test('characters that separate values are written as themselves', () => {
  expect(patientSearch('a,b|c$d\\')).toMatchObject({ name: ['a\\,b\\|c\\$d\\\\'] });
});

test('only days that exist are dates', () => {
  expect(isoDay('1980-2-3')).toBe('1980-02-03');
  expect(isoDay('31.12.1999')).toBe('1999-12-31');
  for (const word of ['30/2/1980', '1980-13-01', '1980', '12/80']) expect(isoDay(word), word).toBeUndefined();
});
