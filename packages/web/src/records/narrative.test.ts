import fc from 'fast-check';
import { expect, test } from 'vitest';
import { narrativeText } from './narrative.ts';

test('words without markup', () => {
  expect(narrativeText('<div><p>Pulse <b>wiry</b></p><ul><li>弦脈</li></ul>A &amp; B &#20013;&#x91ab;</div>')).toBe(
    'Pulse wiry\n弦脈\nA & B 中醫',
  );
});

test('nothing that runs is left over, not even half of it', () => {
  expect(narrativeText('<script>alert(1)</script>x<script>alert(2)')).toBe('x');
  expect(narrativeText('before<img src=x onerror=alert(1)')).toBe('before');
  expect(narrativeText('&lt;script&gt;')).toBe('<script>');
  expect(narrativeText('&#x110000;&#99999999;&unknown;')).toBe('&#99999999;&unknown;');
});

test('any text comes to an end', () => {
  // a pattern that goes back and forth over the text would not within the life of a test
  for (const piece of [' ', '<', '<script', '&#x', '\n ', '<p>']) narrativeText(piece.repeat(200_000));
  fc.assert(fc.property(fc.string(), (text) => typeof narrativeText(text) === 'string'));
});
