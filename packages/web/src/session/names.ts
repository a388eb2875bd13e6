import type { HumanName } from 'fhir/r4';

const HAN = /\p{Script=Han}/u;
const LONGEST = 200;

/** A person's names as they are to be shown: the one for the reader's language first. */
export interface ShownName {
  main: string;
  /** The name in the other script; undefined where there is one name only. */
  other: string | undefined;
}

/**
 * The names of a person in both scripts, family name first in each. What the record gives as `text` counts; otherwise
 * family and given names are joined, in Chinese without a space.
 */
export function shownName(names: readonly HumanName[] | undefined, locale: string): ShownName {
  const current = (names ?? []).filter(({ use }) => use !== 'old');
  const texts = current.map(textOf).filter((text) => text !== '');
  const han = texts.find((text) => HAN.test(text));
  const latin = texts.find((text) => !HAN.test(text));
  const [main, other] = locale.startsWith('zh') ? [han ?? latin, latin] : [latin ?? han, han];
  return { main: main ?? '', other: other === main ? undefined : other };
}

function textOf({ text, family, given }: HumanName): string {
  const parts = [family, ...(given ?? [])].filter((part): part is string => part !== undefined && part !== '');
  const joined = text ?? parts.join(parts.some((part) => HAN.test(part)) ? '' : ' ');
  return joined.slice(0, LONGEST).trim();
}

/** One or two letters that stand for a person where there is no room for more. */
export function initialsOf(name: string): string {
  const characters = [...name.trim()];
  if (HAN.test(characters[0] ?? '')) return characters[0] ?? '';
  const words = name.trim().split(/\s+/);
  return [words[0], words[1]]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}
