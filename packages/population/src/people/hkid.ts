import type { Dice } from '../chance/dice.ts';

/**
 * The check digit of a Hong Kong identity card number (one or two letters and six digits), `0`-`9` or `A`.
 *
 * Letters count A=10 … Z=35, a missing first letter counts 36; weights 9, 8, 7 … 2 from the left; the check digit makes
 * the weighted sum divisible by 11, ten being written `A`. (Immigration Department of Hong Kong; the algorithm is
 * described in Wikipedia, "Hong Kong identity card", section "Check digit".)
 */
export function hkidCheckDigit(body: string): string {
  const padded = body.padStart(8, ' ');
  let sum = 0;
  for (let i = 0; i < 8; i++) sum += characterValue(padded[i]!) * (9 - i);
  const digit = (11 - (sum % 11)) % 11;
  return digit === 10 ? 'A' : String(digit);
}

function characterValue(character: string): number {
  return character === ' ' ? 36 : Number.parseInt(character, 36);
}

/** Whether `text` (`A123456(3)` or `AB123456(A)`) is a number that the check digit admits. */
export function isRealHkid(text: string): boolean {
  const match = /^([A-Z]{1,2}\d{6})\(([\dA])\)$/.exec(text);
  return match !== null && hkidCheckDigit(match[1]!) === match[2];
}

/**
 * A number in the form of an identity card whose check digit is **wrong on purpose**, so that it can belong to nobody.
 * Distinct for distinct `index` below 20 million.
 */
export function fictiveHkid(index: number, dice: Dice): string {
  const letters = ['A', 'C', 'D', 'E', 'G', 'K', 'P', 'R', 'V', 'Y', 'Z'];
  // 7,919 is prime to 1,000,000: it scatters neighbours and stays a bijection.
  const digits = String((index * 7_919 + 123_457) % 1_000_000).padStart(6, '0');
  const series = Math.floor(index / 1_000_000);
  const body = `${series < letters.length ? letters[series] : `X${letters[series % letters.length]}`}${digits}`;
  const right = hkidCheckDigit(body);
  const wrong = [...'0123456789A'].filter((digit) => digit !== right);
  return `${body}(${dice.pick(wrong)})`;
}
