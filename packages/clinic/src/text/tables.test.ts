import { expect, it } from 'vitest';
import context from '../../data/text/context.json' with { type: 'json' };
import lexicon from '../../data/text/lexicon.json' with { type: 'json' };
import pairs from '../../data/text/script-pairs.json' with { type: 'json' };
import { CONCEPT_NAMES, CONCEPTS } from './lexicon.ts';
import { tokenize } from './tokens.ts';

it('give every name to one concept only', () => {
  expect(CONCEPTS.size).toBe(lexicon.concepts.length);
  for (const { id, en, zh } of lexicon.concepts) {
    for (const name of `${en}; ${zh}`.split('; ')) {
      const tokens = tokenize(name);
      expect(tokens.length, name).toBeGreaterThan(0);
      expect(
        CONCEPT_NAMES.at(tokens, 0)?.values.map((concept) => concept?.id),
        name,
      ).toEqual([id]);
    }
  }
});

it('give SNOMED CT identifiers that have their check digit, none twice', () => {
  const identifiers = lexicon.concepts.flatMap(({ snomed }) => snomed ?? []);
  expect(new Set(identifiers).size).toBe(identifiers.length);
  for (const identifier of identifiers) expect(hasCheckDigit(identifier), identifier).toBe(true);
  expect(hasCheckDigit('233604008')).toBe(false);
});

it('pair as many traditional characters as simplified ones, none of them with itself', () => {
  const [traditional, simplified] = [[...pairs.traditional.join('')], [...pairs.simplified.join('')]];
  expect(traditional.length).toBe(simplified.length);
  expect(traditional.filter((character, index) => character === simplified[index])).toEqual([]);
});

it('say in which direction each trigger looks', () => {
  for (const { category, direction, phrases } of context.groups as {
    category: string;
    direction?: string;
    phrases: string[];
  }[]) {
    if (category !== 'pseudo' && category !== 'stop') expect(['forward', 'backward']).toContain(direction);
    expect(phrases.length).toBeGreaterThan(0);
  }
});

/** The check digit of a SNOMED CT identifier is Verhoeff's (SNOMED CT Technical Implementation Guide, 5.5 Check-digit). */
function hasCheckDigit(identifier: string): boolean {
  const turned = (digit: number, by: number): number =>
    by === 0 ? digit : turned([1, 5, 7, 6, 2, 8, 3, 0, 9, 4][digit] ?? 0, by - 1);
  const times = (a: number, b: number) =>
    a < 5 ? (b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)) : b < 5 ? 5 + ((a - b) % 5) : (a - b + 5) % 5;
  return (
    [...identifier].reverse().reduce((check, digit, index) => times(check, turned(Number(digit), index % 8)), 0) === 0
  );
}
