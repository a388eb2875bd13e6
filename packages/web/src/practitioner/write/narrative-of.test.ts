import { expect, test } from 'vitest';
import { narrativeText } from '../../records/narrative.ts';
import { narrativeOf } from './narrative-of.ts';

test('what was typed is read again as it was typed, and is never markup', () => {
  const typed = 'Feels <b>well</b> & eats > before\n血壓 < 140';
  const xhtml = narrativeOf(typed);
  expect(xhtml).not.toContain('<b>');
  expect(narrativeText(xhtml).trim().replaceAll(/\n+/g, '\n')).toBe(typed);
});
