import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeString } from './normalize.ts';

describe('normalizeString', () => {
  it.each([
    ['Carreño-Quiñones', 'carreno quinones'],
    ["O'Brien", 'obrien'],
    ['O\u2019Brien', 'obrien'],
    ['Straße', 'strasse'],
    ['ŁÓDŹ', 'lodz'],
    ['ＡＢＣ　１２', 'abc 12'],
    ['陳 大文', '陳大文'],
    ['陳·大文, Chan Tai-man', '陳大文 chan tai man'],
    ['か\u3099', 'が'],
    ['  a \t b ', 'a b'],
    ['ไทย นี้', 'ไทย นี้'],
    ['!?', ''],
  ])('%j is %j', (text, expected) => {
    expect(normalizeString(text)).toBe(expected);
  });

  it('changes nothing when done twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(normalizeString(normalizeString(text))).toBe(normalizeString(text));
      }),
    );
  });

  it('does not see the case or composition of what it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aéÑøßいガ陳 -'.split('')) }), (text) => {
        expect(normalizeString(text.toUpperCase())).toBe(normalizeString(text));
        expect(normalizeString(text.normalize('NFD'))).toBe(normalizeString(text));
      }),
    );
  });
});
