const DIGITS = '〇一二三四五六七八九';

/** Pattern of a small whole number in Chinese writing or digits, or a half. */
export const CHINESE_NUMBER =
  '(?:\\d{1,3}|半|[一二兩两三四五六七八九]?十[一二三四五六七八九]?|[一二兩两三四五六七八九])';

/** The number of `三`, `十二`, `兩`, `半` or digits. */
export function chineseNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  if (text === '半') return 0.5;
  const plain = text.replace(/[兩两]/g, '二');
  const ten = plain.indexOf('十');
  if (ten < 0) return DIGITS.indexOf(plain);
  const tens = ten === 0 ? 1 : DIGITS.indexOf(plain[0] ?? '');
  const ones = plain.length > ten + 1 ? DIGITS.indexOf(plain[ten + 1] ?? '') : 0;
  return tens * 10 + ones;
}

const WORDS: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  a: 1,
  an: 1,
};

/** Pattern of a small whole number in English words or digits. */
export const ENGLISH_NUMBER = `(?:\\d{1,3}|${Object.keys(WORDS).join('|')})`;

/** The number of `three`, `a` or digits. */
export function englishNumber(text: string): number {
  return WORDS[text.toLowerCase()] ?? Number(text);
}
