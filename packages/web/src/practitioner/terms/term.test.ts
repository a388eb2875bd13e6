import { expect, test } from 'vitest';
import { COMMON_ALLERGENS } from './common-allergens.ts';
import { COMMON_MEDICINES } from './common-medicines.ts';
import { COMMON_PROBLEMS } from './common-problems.ts';
import { COMMON_MEASUREMENTS, COMMON_ORDERS } from './common-tests.ts';
import { conceptOf, searchIn } from './term.ts';

const signal = new AbortController().signal;

test('a term is found by any of its names and by its code, beginnings first', async () => {
  const search = searchIn(COMMON_MEDICINES);
  for (const typed of ['warf', 'WARFARIN', '華法', '华法', 'B01AA03']) {
    expect((await search(typed, signal))[0]?.names.en, typed).toBe('Warfarin');
  }
  expect(await search('nothing such', signal)).toEqual([]);
});

test('what is written down carries code and both names; free text stays as it was typed', () => {
  const [warfarin] = COMMON_MEDICINES;
  expect(conceptOf(warfarin, '')).toEqual({
    coding: [{ system: 'http://www.whocc.no/atc', code: 'B01AA03', display: 'Warfarin' }],
    text: 'Warfarin 華法林',
  });
  expect(conceptOf(undefined, '  odd rash ')).toEqual({ text: 'odd rash' });
});

test.each([
  ['problems', COMMON_PROBLEMS],
  ['medicines', COMMON_MEDICINES],
  ['allergens', COMMON_ALLERGENS],
  ['measurements', COMMON_MEASUREMENTS],
  ['orders', COMMON_ORDERS],
])('%s are listed once, with names in three languages', (_name, terms) => {
  expect(new Set(terms.map(({ key }) => key)).size).toBe(terms.length);
  for (const { names } of terms) expect(Object.values(names).every((name) => name !== '')).toBe(true);
});
