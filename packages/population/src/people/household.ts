import { Dice } from '../chance/dice.ts';
import { type Day, workingDay, YEAR } from '../day.ts';
import { uuidOf } from '../identity.ts';
import { drawAddress } from './address.ts';
import { fictiveHkid } from './hkid.ts';
import { drawFamily, drawName, type FamilyName, type Origin, type Sex } from './name.ts';
import type { Household, Part, Person } from './person.ts';
import { fictiveTelephone } from './telephone.ts';

/**
 * Households are cut from blocks of eight patients, so that any patient can be made by itself: the block says who shares
 * an address with whom.
 */
const BLOCK = 8;

/** Shapes of households with rough shares (Census and Statistics Department, household composition), youngest first. */
const SHAPES: readonly (readonly [readonly Part[], number])[] = [
  [['single'], 16],
  [['grandmother'], 9],
  [['mother', 'father'], 18],
  [['grandmother', 'grandfather'], 15],
  [['child', 'mother'], 6],
  [['child', 'mother', 'father'], 22],
  [['child', 'child', 'mother', 'father'], 16],
  [['child', 'mother', 'father', 'grandmother'], 7],
];

const ORIGINS: readonly (readonly [Origin, number])[] = [
  ['chinese', 91],
  ['filipino', 3],
  ['indian', 2],
  ['pakistani', 1],
  ['nepali', 1],
  ['british', 2],
];

/** The household of the patient at `index`, with those members whose index is below `patients`. */
export function householdOf(seed: number, index: number, patients: number, until: Day): Household {
  const block = Math.floor(index / BLOCK);
  const dice = new Dice(`${seed}/block/${block}`);
  let first = block * BLOCK;
  for (;;) {
    const room = (block + 1) * BLOCK - first;
    const shape = dice.weighted(SHAPES.filter(([parts]) => parts.length <= room));
    if (index < first + shape.length) return people(seed, first, shape, patients, until);
    first += shape.length;
  }
}

function people(seed: number, first: number, parts: readonly Part[], patients: number, until: Day): Household {
  const dice = new Dice(`${seed}/household/${first}`);
  const origin = dice.weighted(ORIGINS);
  const family = drawFamily(origin, dice);
  const address = drawAddress(dice);
  const births = drawBirths(parts, until, dice);
  const members = parts.map((part, i): Person => {
    const index = first + i;
    const sex = sexOf(part, dice);
    const birth = births[i]!;
    const own = new Dice(`${seed}/person/${index}`);
    return {
      index,
      id: uuidOf(`${seed}/patient/${index}`),
      part,
      sex,
      birth,
      origin,
      name: drawName(familyOf(part, parts, origin, family, own), origin, sex, birth, own),
      hkid: fictiveHkid(index, own),
      telephone: fictiveTelephone(own),
      address,
      married: part !== 'child' && parts.length > 1 && (part !== 'mother' || parts.includes('father')),
    };
  });
  return { members: members.filter((person) => person.index < patients) };
}

/** Wives keep their own family name; children carry their father's, or their mother's where she brings them up alone. */
function familyOf(part: Part, parts: readonly Part[], origin: Origin, family: FamilyName, dice: Dice): FamilyName {
  const keepsOwn = origin === 'chinese' && part === 'mother' ? parts.includes('father') : part === 'grandmother';
  return keepsOwn && origin === 'chinese' ? drawFamily(origin, dice) : family;
}

function sexOf(part: Part, dice: Dice): Sex {
  if (part === 'mother' || part === 'grandmother') return 'female';
  if (part === 'father' || part === 'grandfather') return 'male';
  return dice.happens(0.5) ? 'male' : 'female';
}

/** Birthdays that make sense together: mothers give birth from 23 to 40, siblings come two years apart or more. */
function drawBirths(parts: readonly Part[], until: Day, dice: Dice): Day[] {
  const ago = (years: number) => workingDay(until - Math.round(years * YEAR)) - 8;
  const children = parts.filter((part) => part === 'child').length;
  const youngest = 0.1 + dice.next() ** 1.3 * 24;
  const gap = 2 + dice.next() * 4;
  const motherAtBirth = 23 + dice.next() * (17 - (children > 1 ? gap : 0)) + (children > 1 ? gap : 0);
  const adult = children > 0 ? youngest + motherAtBirth : 24 + dice.next() * 44;
  const elder = children > 0 ? adult + 24 + dice.next() * 9 : 65 + dice.next() ** 1.5 * 28;
  let child = 0;
  return parts.map((part) => {
    if (part === 'child') return ago(youngest + gap * child++);
    if (part === 'mother') return ago(adult);
    if (part === 'father') return ago(adult + 5 * dice.next() - 1);
    if (part === 'grandmother') return ago(Math.min(elder, 97));
    if (part === 'grandfather') return ago(Math.min(elder + 4 * dice.next() - 1, 98));
    return ago(22 + dice.next() * 46);
  });
}
