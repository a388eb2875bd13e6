import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AGENTS } from './agents.ts';
import { checkSafety } from './check-safety.ts';
import {
  ACTIONS,
  ALLERGENS,
  CONSTITUENTS,
  CROSS_REACTIONS,
  DRUG_CLASSES,
  DRUGS,
  DUPLICATE_CLASSES,
  HERB_ROWS,
  MECHANISMS,
  PAIR_RULES,
  PATIENT_RULES,
  PROBLEMS,
  PRODUCTS,
  SOURCES,
} from './knowledge.ts';

const TAGS = new Set([...AGENTS.values()].flatMap((agent) => agent.tags));
const rules = [...PAIR_RULES, ...PATIENT_RULES, ...CROSS_REACTIONS];

test('every tag of every rule is one that some agent carries', () => {
  const used = [
    ...PAIR_RULES.flatMap((rule) => [...rule.left, ...rule.right]),
    ...PATIENT_RULES.flatMap((rule) => rule.agents),
    ...CROSS_REACTIONS.flatMap((rule) => [rule.allergicTo, ...rule.agents]),
    ...CONSTITUENTS.flatMap((row) => [row.agent, ...row.holds]),
    ...ALLERGENS.map((row) => row.tag),
    ...DUPLICATE_CLASSES.map((row) => `class:${row.class}`),
  ];
  expect(used.filter((tag) => !TAGS.has(tag))).toEqual([]);
});

test('ids are unique in each table', () => {
  for (const table of [rules, DRUGS, DRUG_CLASSES, HERB_ROWS, PROBLEMS]) {
    const ids = table.map((row) => row.id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  }
});

test('every rule has sources that exist, and its evidence is the grade of one of them', () => {
  for (const rule of rules) {
    expect(rule.sources.length, rule.id).toBeGreaterThan(0);
    const grades = rule.sources.map((id) => SOURCES.get(id)?.grade ?? `${id} is missing`);
    expect(grades, rule.id).toContain(rule.evidence);
  }
});

test('every mechanism and action that a rule names has words in three scripts', () => {
  for (const rule of [...PAIR_RULES, ...PATIENT_RULES]) {
    for (const words of [MECHANISMS.get(rule.mechanism), ACTIONS.get(rule.action)]) {
      expect(words?.en, rule.id).toMatch(/^[A-Z].*[.]$/);
      expect(words?.zhHant, rule.id).toMatch(/\p{Script=Han}/u);
      expect(words?.zhHans, rule.id).toMatch(/\p{Script=Han}/u);
    }
  }
});

test('class members, contained drugs and problems exist', () => {
  const drugs = new Set(DRUGS.map((row) => row.id));
  const named = [...DRUG_CLASSES.flatMap((row) => row.members ?? []), ...DRUGS.flatMap((row) => row.contains ?? [])];
  expect(named.filter((id) => !drugs.has(id))).toEqual([]);
  const problems = new Set(PROBLEMS.map((row) => row.id));
  const asked = PATIENT_RULES.flatMap((rule) => rule.when.problem ?? []);
  expect(asked.filter((id) => !problems.has(id))).toEqual([]);
});

test('what products hold exists, and so do their sources', () => {
  expect(PRODUCTS.flatMap((row) => row.holds).filter((id) => !AGENTS.has(id))).toEqual([]);
  expect(PRODUCTS.filter((row) => !SOURCES.has(row.source))).toEqual([]);
});

test('ATC codes have the form of the fifth level', () => {
  for (const row of DRUGS) for (const code of row.atc) expect(code).toMatch(/^[A-Z]\d{2}[A-Z]{2}\d{2}$/);
});

test('at least eighty pairs of a herb and a drug or class are known', () => {
  const isHerb = (tag: string): boolean => /^(herb|group|formula):/.test(tag);
  const isDrug = (tag: string): boolean => /^(drug|class):/.test(tag);
  const pairs = PAIR_RULES.flatMap((rule) =>
    rule.left.filter(isHerb).flatMap((left) => rule.right.filter(isDrug).map((right) => `${left} ${right}`)),
  );
  expect(new Set(pairs).size).toBeGreaterThanOrEqual(80);
});

const REFERENCE = new URL('../../../../../shared/data/reference/tcm/classical-incompatibilities.json', import.meta.url);

interface Reference {
  eighteenIncompatibilities: { groups: { against: string[]; with: string[] }[] };
  nineteenMutualFears: { pairs: [string, string][] };
}

test.skipIf(!existsSync(REFERENCE))('every pair of the reference list of 十八反 and 十九畏 is found', () => {
  const reference = JSON.parse(readFileSync(REFERENCE, 'utf8')) as Reference;
  const pairs = [
    ...reference.eighteenIncompatibilities.groups.flatMap((group) =>
      group.against.flatMap((one) => group.with.map((other) => [one, other] as const)),
    ),
    ...reference.nineteenMutualFears.pairs,
  ];
  // names that stand for several pieces of today and are not on any order
  const general = new Set(['烏頭', '貝母', '沙參']);
  const missed = pairs.filter(([a, b]) => {
    if (general.has(a) || general.has(b)) return false;
    const items = [a, b].map((name, at) => ({ id: `i${at}`, name }));
    return !checkSafety({ items, patient: {}, on: '2026-01-31' }).some((one) => /^shi/.test(one.rule));
  });
  expect(missed).toEqual([]);
});
