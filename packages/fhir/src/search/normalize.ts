/** Letters that Unicode does not decompose into a base and a mark, as people type them without. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ŧ: 't',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ς: 'σ',
};

const PLAIN_ASCII = /^[a-z0-9]+(?: [a-z0-9]+)*$/;
/** Combining marks of Latin, Greek and Cyrillic; the vowel signs of other scripts are letters, not accents. */
const ACCENTS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g;
const UNDECOMPOSED = /[øłđðħıŧæœþς]/g;
/** Apostrophes within a word: O'Brien is found as OBrien. */
const APOSTROPHES = /['\u2019\u02bc`\u00b4]/g;
const SEPARATORS = /[\p{P}\p{S}\p{Z}\p{C}]+/gu;
/** No spaces between characters of scripts that write none: 陳 大文 is 陳大文. */
const BETWEEN_IDEOGRAPHS =
  /(?<=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]) (?=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])/gu;

/**
 * Folds a string for search (FHIR R4, Search, "string": insensitive to case, to combining characters, to punctuation
 * and to extra white space): compatibility forms and width (NFKC), case, accents, punctuation to one space. Both the
 * index and the value searched go through it. Latin and Chinese alike; simplified and traditional stay distinct.
 */
export function normalizeString(text: string): string {
  if (PLAIN_ASCII.test(text)) return text;
  return text
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .replace(ACCENTS, '')
    .replace(UNDECOMPOSED, (letter) => PLAIN_LETTERS[letter] ?? letter)
    .normalize('NFC')
    .replace(APOSTROPHES, '')
    .replace(SEPARATORS, ' ')
    .trim()
    .replace(BETWEEN_IDEOGRAPHS, '');
}
