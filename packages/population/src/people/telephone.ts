import type { Dice } from '../chance/dice.ts';

/**
 * A telephone number that nobody can have: eight digits beginning with 0. In the Hong Kong numbering plan level 0 is
 * the access code for calls abroad and is never a subscriber's first digit (Communications Authority, "Code of Practice
 * Relating to the Use of Numbers and Codes in the Hong Kong Numbering Plan").
 */
export function fictiveTelephone(dice: Dice): string {
  const four = () => String(dice.whole(0, 9999)).padStart(4, '0');
  return `+852 0${four().slice(1)} ${four()}`;
}
