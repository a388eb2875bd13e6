import type { Dice } from '../chance/dice.ts';
import { type Day, yearOf } from '../day.ts';
import { ENGLISH_NAMES, GIVEN_NAMES, OTHER_NAMES } from './given-names.ts';
import { SURNAMES, type Surname } from './surnames.ts';

export type Sex = 'male' | 'female';

/** Where a family comes from; it decides its names and language. */
export type Origin = 'chinese' | keyof typeof OTHER_NAMES;

/** A family name in the scripts it has. */
export interface FamilyName {
  en: string;
  zh?: string;
}

/** A person's name in the scripts it has. */
export interface PersonName {
  family: FamilyName;
  /** Romanised or English given name, `Tai Man`. */
  givenEn: string;
  /** Chinese given name, 大文. */
  givenZh?: string;
  /** An English name beside the romanised one, `Peter`. */
  english?: string;
}

/** A family name drawn by its frequency in Hong Kong. */
export function drawFamily(origin: Origin, dice: Dice): FamilyName {
  if (origin !== 'chinese') return { en: dice.pick(OTHER_NAMES[origin].family) };
  const surname = dice.weighted<Surname>(SURNAMES.map((entry) => [entry, entry.share] as const));
  return { en: surname.en, zh: surname.zh };
}

/** A given name of the person's generation. */
export function drawName(family: FamilyName, origin: Origin, sex: Sex, birth: Day, dice: Dice): PersonName {
  if (origin !== 'chinese') return { family, givenEn: dice.pick(OTHER_NAMES[origin][sex]) };
  const year = yearOf(birth);
  const names = GIVEN_NAMES[sex][year < 1960 ? 0 : year < 1995 ? 1 : 2];
  const first = dice.pick(names.first);
  const second = dice.pick(names.second.filter((character) => character.zh !== first.zh));
  const name: PersonName = { family, givenEn: `${first.en} ${second.en}`, givenZh: first.zh + second.zh };
  if (dice.happens(year < 1960 ? 0.1 : 0.6)) name.english = dice.pick(ENGLISH_NAMES[sex]);
  return name;
}

/** `CHAN Tai Man, Peter`. */
export function englishText(name: PersonName): string {
  const own = `${name.family.en} ${name.givenEn}`;
  return name.english === undefined ? own : `${own}, ${name.english}`;
}

/** 陳大文, or the English name of those who have no Chinese one. */
export function chineseText(name: PersonName): string {
  return name.givenZh === undefined ? englishText(name) : `${name.family.zh ?? ''}${name.givenZh}`;
}

/**
 * FHIR HumanName, once for each script, Chinese first. The script is marked with the standard extension
 * iso21090-EN-representation: IDE ideographic, ABC alphabetic.
 */
export function humanNames(name: PersonName) {
  const english = {
    extension: [representation('ABC')],
    use: 'official',
    text: englishText(name),
    family: name.family.en,
    given: name.english === undefined ? [name.givenEn] : [name.givenEn, name.english],
  };
  if (name.givenZh === undefined || name.family.zh === undefined) return [english];
  const chinese = {
    extension: [representation('IDE')],
    use: 'official',
    text: chineseText(name),
    family: name.family.zh,
    given: [name.givenZh],
  };
  return [chinese, english];
}

function representation(code: 'IDE' | 'ABC') {
  return { url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode: code };
}
