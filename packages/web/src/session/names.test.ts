import { expect, test } from 'vitest';
import { initialsOf, shownName } from './names.ts';

const BOTH = [
  { text: '麥德明', family: '麥', given: ['德明'] },
  { text: 'MAK Tak Ming', family: 'MAK', given: ['Tak Ming'] },
];

test('the name of the reader’s script comes first, the other beside it', () => {
  expect(shownName(BOTH, 'en')).toEqual({ main: 'MAK Tak Ming', other: '麥德明' });
  expect(shownName(BOTH, 'zh-Hans')).toEqual({ main: '麥德明', other: 'MAK Tak Ming' });
});

test('family name first, Chinese without a space, old names left out', () => {
  expect(shownName([{ family: '陳', given: ['大文'] }], 'en')).toEqual({ main: '陳大文', other: undefined });
  expect(shownName([{ family: 'CHAN', given: ['Tai Man', 'Peter'] }], 'zh-Hant').main).toBe('CHAN Tai Man Peter');
  expect(shownName([{ use: 'old', text: 'LEE Mei' }, { text: 'WONG Mei' }], 'en')).toEqual({
    main: 'WONG Mei',
    other: undefined,
  });
  expect(shownName(undefined, 'en')).toEqual({ main: '', other: undefined });
});

test('initials', () => {
  expect([initialsOf('MAK Tak Ming'), initialsOf('麥德明'), initialsOf('madonna'), initialsOf('')]).toEqual([
    'MT',
    '麥',
    'M',
    '',
  ]);
});
