import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGENTS, type Agent } from './agents.ts';
import { checkSafety } from './check-safety.ts';
import { compareSeverity, type Finding } from './finding.ts';
import { type Item, type PatientFacts, SafetyInputError } from './input.ts';
import { PAIR_RULES, PATIENT_RULES, type When } from './knowledge.ts';

const ON = '2026-01-31';

function check(names: readonly string[], patient: PatientFacts = {}, show: 'quiet' | 'all' = 'all'): Finding[] {
  return checkSafety({ items: names.map((name, at) => ({ id: `item${at}`, name })), patient, on: ON }, { show });
}

const rulesOf = (findings: readonly Finding[]): string[] => findings.map((one) => one.rule);

describe('cases as their sources tell them', () => {
  test.each([
    ['danshen-warfarin', 'Chan 2001: INR rose on danshen', ['Warfarin', '丹参']],
    ['danggui-warfarin', 'Page 1999: dong quai for four weeks', ['warfarin', 'dong quai']],
    ['gouqizi-warfarin', 'Lam 2001: tea of Lycium barbarum', ['華法林', '枸杞子']],
    ['xiyangshen-warfarin', 'Yuan 2004: American ginseng', ['warfarin', 'American ginseng']],
    ['hypericum-protease-inhibitor', 'Piscitelli 2000: indinavir', ['indinavir', "St John's wort"]],
    ['hypericum-contraceptive', 'HMPC: oral contraceptives', ['combined oral contraceptive', '貫葉金絲桃']],
    ['dasuan-saquinavir', 'Piscitelli 2002: garlic', ['saquinavir', 'garlic']],
    ['nanwuweizi-tacrolimus', 'Xin 2007: Schisandra sphenanthera', ['tacrolimus', 'Schisandra sphenanthera']],
    ['berberine-ciclosporin', 'Wu 2005: berberine 0.2 g three times daily', ['ciclosporin', 'berberine']],
    ['hongqu-ciclosporin', 'Prasad 2002: red yeast rice', ['環孢素', '紅麴']],
    ['renshen-maoi', 'Jones 1987: ginseng and phenelzine', ['phenelzine', 'ginseng']],
    ['chansu-digoxin', 'Ko 1996: toad venom', ['digoxin', '蟾酥']],
    ['binglang-antipsychotic', 'Fugh-Berman 2000: betel nut and flupenthixol', ['flupenthixol', '檳榔']],
    ['xiaochaihu-interferon', 'Kampo label: Shosaikoto and interferon', ['小柴胡湯', 'Peginterferon alfa']],
    ['mahuang-maoi', 'Kampo label: ephedra and MAO inhibitors', ['麻黃湯', 'phenelzine']],
    ['gancao-diuretic', 'Kampo label: licorice and loop diuretics', ['芍藥甘草湯', '呋塞米']],
    ['shibafan-wutou', '儒門事親: 半蔞貝蘞及攻烏', ['附子', '半夏']],
    ['shijiuwei-renshen', '醫經小學: 人參最怕五靈脂', ['人参', '五灵脂']],
    ['simvastatin-macrolide', 'SmPC simvastatin 4.3', ['simvastatin 20 mg', 'Clarithromycin 500 mg']],
    ['methotrexate-trimethoprim', 'SmPC methotrexate', ['methotrexate', 'co-trimoxazole']],
  ])('%s (%s)', (rule, _case, names) => {
    expect(rulesOf(check(names))).toContain(rule);
  });

  test('penicillin allergy: aminocephalosporins by their side chain, others only as information (Chaudhry 2019)', () => {
    const allergies = [{ codes: [{ system: 'http://snomed.info/sct', code: '91936005' }] }];
    const severities = check(['amoxicillin', 'cefalexin', 'ceftriaxone'], { allergies }).map((one) => one.severity);
    expect(severities).toEqual(['contraindicated', 'serious', 'information']);
  });

  test('an allergy to an Asteraceae plant concerns the herbs of the family', () => {
    const found = check(['蒲公英', '黃芪'], { allergies: [{ name: 'Ragweed 菊科過敏' }] });
    expect(found.map((one) => [one.rule, one.concerned[0]?.agent])).toEqual([['asteraceae', 'herb:pugongying']]);
  });

  test('licorice of three formulas adds up to one finding', () => {
    const found = check(['芍藥甘草湯', '炙甘草湯', '甘麥大棗湯']);
    const dose = found.filter((one) => one.kind === 'dose' && one.key === 'dose|herb:gancao');
    expect(dose).toHaveLength(1);
    expect(dose[0]?.concerned[0]?.items.length).toBeGreaterThanOrEqual(2);
  });

  test('ephedrine in a tablet and ephedra in a formula', () => {
    expect(rulesOf(check(['pseudoephedrine', '麻黃湯']))).toContain('mahuang-sympathomimetic');
  });

  test('paracetamol in two products adds up to more than 4 g', () => {
    const items: Item[] = [
      { id: 'a', name: 'Panadol', perDay: { value: 3, unit: 'g' } },
      { id: 'b', name: '必理痛', perDay: { value: 2000, unit: 'mg' } },
    ];
    expect(rulesOf(checkSafety({ items, patient: {}, on: ON }, { show: 'all' }))).toEqual([
      'dose-above-maximum',
      'duplicate-ingredient',
    ]);
  });
});

/** A patient to whom a condition applies. */
function patientFor(when: When): PatientFacts {
  if (when.gestationWeeksFrom !== undefined) return { pregnant: true, gestationWeeks: when.gestationWeeksFrom };
  if (when.egfrBelow !== undefined) return { results: { egfr: when.egfrBelow - 1 } };
  if (when.potassiumBelow !== undefined) return { results: { potassium: when.potassiumBelow - 0.1 } };
  if (when.potassiumAbove !== undefined) return { results: { potassium: when.potassiumAbove + 0.1 } };
  if (when.ageBelow !== undefined) return { age: when.ageBelow - 1 };
  if (when.ageFrom !== undefined) return { age: when.ageFrom };
  return {
    pregnant: when.pregnant === true,
    breastfeeding: when.breastfeeding === true,
    problems: [...(when.problem === undefined ? [] : [when.problem]), ...(when.liverImpaired ? ['liver-disease'] : [])],
  };
}

/** One agent for a tag, as an item by its Chinese name. */
function itemFor(tag: string, id: string): Item {
  const fitting = [...AGENTS.values()].filter((agent) => agent.tags.includes(tag));
  const agent: Agent | undefined = fitting.find((one) => one.id === tag) ?? fitting[0];
  if (agent === undefined) throw new Error(`No agent carries ${tag}.`);
  return { id, name: agent.zhHant };
}

describe('every rule is heard', () => {
  test.each(PAIR_RULES.map((rule) => [rule.id, rule] as const))('%s', (_id, rule) => {
    for (const left of rule.left) {
      for (const right of rule.right) {
        const items = [itemFor(left, 'a'), left === right ? { id: 'b', name: 'sotalol' } : itemFor(right, 'b')];
        const found = checkSafety({ items, patient: {}, on: ON }, { show: 'all' });
        const worst = found.find((one) => one.kind === 'interaction');
        expect(worst, `${left} ${right}`).toBeDefined();
        expect(compareSeverity(worst?.severity ?? 'information', rule.severity)).toBeLessThanOrEqual(0);
      }
    }
  });

  test.each(PATIENT_RULES.map((rule) => [rule.id, rule] as const))('%s', (_id, rule) => {
    for (const tag of rule.agents) {
      const input = { items: [itemFor(tag, 'a')], patient: patientFor(rule.when), on: ON };
      const found = checkSafety(input, { show: 'all' }).filter((one) => one.kind === 'patient');
      const worst = found[0];
      expect(worst, tag).toBeDefined();
      expect(compareSeverity(worst?.severity ?? 'information', rule.severity)).toBeLessThanOrEqual(0);
      if (rule.when.always === true) continue;
      const healthy = { age: 40, pregnant: false, results: { egfr: 95, potassium: 4.2, alt: 20 } };
      const inHealth = checkSafety({ ...input, patient: healthy }, { show: 'all' });
      expect(rulesOf(inHealth), tag).not.toContain(rule.id);
    }
  });
});

describe('in general', () => {
  const agents = [...AGENTS.values()];
  const item = fc
    .record({ agent: fc.constantFrom(...agents), grams: fc.double({ min: 0, max: 60, noNaN: true }) })
    .map(({ agent, grams }) => ({
      name: agent.en,
      perDay: { value: grams, unit: agent.kind === 'drug' ? 'mg' : 'g' },
    }));
  const items = fc
    .array(item, { maxLength: 12 })
    .map((list) => list.map((one, at): Item => ({ ...one, id: `i${String(at).padStart(2, '0')}` })));
  const patient = fc.record({
    age: fc.integer({ min: 0, max: 100 }),
    pregnant: fc.boolean(),
    problems: fc.subarray(['asthma', 'hypertension', 'liver-disease', 'ckd-4', 'g6pd-deficiency']),
    allergies: fc.array(
      fc.constantFrom(...agents).map((agent) => ({ name: agent.zhHant })),
      { maxLength: 2 },
    ),
  });
  const all = (list: readonly Item[], who: PatientFacts): Finding[] =>
    checkSafety({ items: list, patient: who, on: ON }, { show: 'all' });

  test('the order of the items changes nothing', () => {
    fc.assert(
      fc.property(items, patient, fc.infiniteStream(fc.nat()), (list, who, random) => {
        const keyed = list.map((one) => ({ one, at: random.next().value ?? 0 }));
        const shuffled = keyed.sort((a, b) => a.at - b.at).map(({ one }) => one);
        const plain = (found: Finding[]) => found.map(({ key, severity, concerned }) => ({ key, severity, concerned }));
        expect(plain(all(shuffled, who))).toEqual(plain(all(list, who)));
      }),
      { numRuns: 60 },
    );
  });

  test('a further item takes no finding away and makes none milder', () => {
    fc.assert(
      fc.property(items, item, patient, (list, further, who) => {
        const after = new Map(all([...list, { ...further, id: 'further' }], who).map((one) => [one.key, one]));
        for (const before of all(list, who)) {
          const now = after.get(before.key);
          expect(now, before.key).toBeDefined();
          expect(compareSeverity(now?.severity ?? 'information', before.severity)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a higher dose takes no finding away and makes none milder', () => {
    fc.assert(
      fc.property(items, patient, fc.double({ min: 1, max: 10, noNaN: true }), (list, who, times) => {
        const more = list.map((one) => ({
          ...one,
          perDay: { value: (one.perDay?.value ?? 0) * times, unit: one.perDay?.unit ?? 'g' },
        }));
        const after = new Map(all(more, who).map((one) => [one.key, one]));
        for (const before of all(list, who)) {
          expect(
            compareSeverity(after.get(before.key)?.severity ?? 'information', before.severity),
          ).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a pair is one finding, whichever comes first and however often', () => {
    fc.assert(
      fc.property(fc.constantFrom(...agents), fc.constantFrom(...agents), (a, b) => {
        const once = all(
          [
            { id: '1', name: a.en },
            { id: '2', name: b.en },
          ],
          {},
        );
        const often = all(
          [
            { id: '2', name: b.en },
            { id: '1', name: a.en },
            { id: '3', name: b.en },
          ],
          {},
        );
        const keys = (found: Finding[]) => found.filter((one) => one.kind === 'interaction').map((one) => one.key);
        expect(keys(often)).toEqual(keys(once));
        expect(new Set(keys(once)).size).toBe(keys(once).length);
      }),
      { numRuns: 200 },
    );
  });

  test('any text at all is survived', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 400 }), { maxLength: 5 }), (names) => {
        for (const found of check(names)) expect(found.key).not.toBe('');
      }),
    );
  });
});

test('what was overridden before is shown and does not interrupt', () => {
  const input = {
    items: [
      { id: 'a', name: 'warfarin' },
      { id: 'b', name: '丹參' },
    ],
    patient: {},
    on: ON,
  };
  const [first] = checkSafety(input);
  expect(first?.interrupts).toBe(true);
  const overrides = [{ key: first?.key ?? '', reason: 'INR weekly', at: '2026-01-01T09:00:00Z' }];
  const [again] = checkSafety(input, { overrides });
  expect(again).toMatchObject({ rule: 'danshen-warfarin', interrupts: false, overridden: { reason: 'INR weekly' } });
});

test('quiet leaves out minor findings and moderate ones that rest on case reports', () => {
  expect(rulesOf(check(['digoxin', '刺五加'], {}, 'quiet'))).toEqual([]);
  expect(rulesOf(check(['digoxin', '刺五加']))).toEqual(['ciwujia-digoxin']);
});

test('a stopped medicine counts as long as it acts', () => {
  const items = [
    { id: 'a', name: 'phenelzine', end: '2026-01-20' },
    { id: 'b', name: 'sertraline' },
  ];
  expect(rulesOf(checkSafety({ items, patient: {}, on: '2026-01-31' }))).toEqual(['maoi-ssri']);
  expect(checkSafety({ items, patient: {}, on: '2026-02-20' })).toEqual([]);
});

test('a cream does not act on the whole body', () => {
  const items: Item[] = [
    { id: 'a', name: 'hydrocortisone', route: 'local' },
    { id: 'b', name: '甘草' },
  ];
  expect(checkSafety({ items, patient: {}, on: ON }, { show: 'all' })).toEqual([]);
});

test('isotretinoin is taken by mouth, although its ATC code is among those of the skin', () => {
  const items = [{ id: 'a', codes: [{ system: 'http://www.whocc.no/atc', code: 'D10BA01' }] }];
  expect(rulesOf(checkSafety({ items, patient: { pregnant: true }, on: ON }))).toEqual(['pregnancy-retinoid']);
});

test('medicated oil goes through the skin to warfarin (Tam 1995)', () => {
  const items: Item[] = [
    { id: 'a', name: '活絡油', route: 'local' },
    { id: 'b', name: 'warfarin' },
  ];
  expect(rulesOf(checkSafety({ items, patient: {}, on: ON }))).toEqual(['methyl-salicylate-warfarin']);
});

test('Western drugs inside Chinese patent medicines are seen', () => {
  expect(rulesOf(check(['消渴丸', 'glibenclamide']))).toEqual(['duplicate-ingredient']);
  expect(rulesOf(check(['維C銀翹片', 'Panadol']))).toEqual(['duplicate-ingredient']);
  expect(rulesOf(check(['安宫牛黄丸'], { pregnant: true }))).toContain('pharmacopoeia-pregnancy-prohibited');
  expect(rulesOf(check(['救心丹', 'digoxin']))).toContain('chansu-digoxin');
});

test('an unknown item is said to be unchecked', () => {
  expect(check(['Qwertyzol 5 mg'], {}, 'quiet')).toMatchObject([{ kind: 'unrecognised', interrupts: false }]);
});

test('an ATC code that is in no table stands for its class', () => {
  const items = [
    { id: 'a', name: 'Phenprocoumon', codes: [{ system: 'http://www.whocc.no/atc', code: 'B01AA04' }] },
    { id: 'b', name: '丹參' },
  ];
  expect(rulesOf(checkSafety({ items, patient: {}, on: ON }))).toEqual(['danshen-warfarin']);
});

test('too much is refused', () => {
  const items = Array.from({ length: 501 }, (_, at) => ({ id: `i${at}`, name: 'warfarin' }));
  expect(() => checkSafety({ items, patient: {}, on: ON })).toThrow(SafetyInputError);
});
