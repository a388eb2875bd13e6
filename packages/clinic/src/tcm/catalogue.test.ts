import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prefixDistance } from '../names/prefix-distance.ts';
import { Catalogue, standardCatalogue } from './catalogue.ts';
import { HERBS } from './herb.ts';
import { OverlayError, parseOverlay } from './overlay.ts';

const catalogue = standardCatalogue();
const herbs = [...HERBS.values()];

describe('findHerb', () => {
  test.each([
    '丹参',
    '丹參',
    'danshen',
    'dan shen',
    'dān shēn',
    'Dan1 Shen1',
    'Salviae',
    'Salviae Miltiorrhizae',
    'red sage',
  ])('%s is danshen', (name) => {
    expect(catalogue.findHerb(name)?.id).toBe('danshen');
  });

  test('a prepared piece and its crude herb are told apart', () => {
    expect(catalogue.findHerb('法半夏')?.id).toBe('banxia-fa');
    expect(catalogue.findHerb('半夏')?.id).toBe('banxia');
    expect(catalogue.findHerb('制附子')?.id).toBe('fuzi-zhi');
    expect(catalogue.findHerb('附子')?.id).toBe('fuzi-zhi');
    expect(catalogue.findHerb('Rhei')?.id).toBe('dahuang');
  });

  test('what several herbs share names none, and slips are not mended', () => {
    for (const name of ['Angelicae', 'root', '子', 'danshne', '', ' ', 'Paracetamol']) {
      expect(catalogue.findHerb(name), name).toBeUndefined();
    }
  });

  test('every herb is found by each of its names', () => {
    for (const { id, zhHant, zhHans, pinyin, latin } of herbs) {
      const names = [id, zhHant, zhHans, pinyin, pinyin.normalize('NFD').replace(/\p{M}/gu, '')];
      for (const name of names) expect(catalogue.findHerb(name)?.id, name).toBe(id);
      expect(
        catalogue.search(latin, 10).some(({ value }) => value.kind === 'herb' && value.herb.id === id),
        latin,
      ).toBe(true);
    }
  });

  test('formulas and points likewise', () => {
    for (const formula of catalogue.formulas.values()) {
      expect(catalogue.findFormula(formula.zhHans)).toBe(formula);
      expect(catalogue.findFormula(formula.pinyin)).toBe(formula);
    }
    for (const name of ['ST36', 'st36', 'ST 36', '足三里', 'Zúsānlǐ', 'zusanli']) {
      expect(catalogue.findPoint(name)?.code, name).toBe('ST36');
    }
    expect(catalogue.findPoint('Zigong')).toBeUndefined();
  });
});

describe('search', () => {
  test('ü may be typed as u or v', () => {
    for (const typed of ['nuzhen', 'nvzhen', 'nǚzhēn']) expect(catalogue.search(typed)[0]?.name).toBe('nǚ zhēn zǐ');
  });

  test('slips are mended and marked', () => {
    for (const [typed, meant] of [
      ['danshne', 'dān shēn'],
      ['huangqni', 'huáng qín'],
      ['glycyrhiza', 'Glycyrrhizae Radix et Rhizoma'],
    ] as const) {
      const [hit] = catalogue.search(typed);
      expect([hit?.name, hit?.grade]).toEqual([meant, 2]);
    }
  });

  test('any text is answered within the limit, and any beginning of a name finds it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 0, max: 30 }), (text, limit) => {
        expect(catalogue.search(text, limit).length).toBeLessThanOrEqual(limit);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...herbs), fc.integer({ min: 1, max: 20 }), ({ id, pinyin }, length) => {
        const typed = pinyin.slice(0, length).trim();
        const found = catalogue.search(typed, 1000);
        expect(found.some(({ value }) => value.kind === 'herb' && value.herb.id === id)).toBe(true);
      }),
    );
  });

  test('one changed letter of a long name is mended', () => {
    const long = herbs.filter(({ pinyin }) => pinyin.replaceAll(' ', '').length >= 8);
    fc.assert(
      fc.property(fc.constantFrom(...long), fc.nat(), ({ id, pinyin }, at) => {
        const letters = [...pinyin.normalize('NFD').replace(/[\p{M}\s]/gu, '')];
        letters[at % letters.length] = 'x';
        const found = catalogue.search(letters.join(''), 1000);
        expect(found.some(({ value }) => value.kind === 'herb' && value.herb.id === id)).toBe(true);
      }),
    );
  });
});

test('prefixDistance agrees with the plain definition', () => {
  const plain = (query: string, key: string): number => {
    const rows = Array.from({ length: query.length + 1 }, () => new Array<number>(key.length + 1).fill(0));
    const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
    for (let row = 0; row <= query.length; row++) {
      for (let column = 0; column <= key.length; column++) {
        const same = query[row - 1] === key[column - 1];
        const swapped =
          row > 1 && column > 1 && query[row - 1] === key[column - 2] && query[row - 2] === key[column - 1];
        const costs = [at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (same ? 0 : 1)];
        if (swapped) costs.push(at(row - 2, column - 2) + 1);
        (rows[row] ?? [])[column] = row + column === 0 ? 0 : Math.min(...costs);
      }
    }
    return Math.min(...(rows[query.length] ?? []));
  };
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 9 });
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 2 }), (query, key, most) => {
      expect(prefixDistance(query, key, most)).toBe(Math.min(plain(query, key), most + 1));
    }),
  );
});

describe('overlays', () => {
  const overlay = (value: unknown) => new Catalogue([parseOverlay(value)]);

  test('change a dose, hide a herb, add one; later overlays win', () => {
    const changed = overlay({
      organization: 'Example Clinic',
      herbs: [
        { id: 'danshen', dose: { low: 5, high: 12 }, aliases: ['紫丹參'] },
        { id: 'chuanshanjia', hide: true },
        {
          id: 'niudali',
          zhHant: '牛大力',
          zhHans: '牛大力',
          pinyin: 'niú dà lì',
          latin: 'Millettiae Radix',
          en: 'Millettia root',
        },
      ],
      formulas: [{ id: 'xiaoyaosan', en: 'Rambling Powder' }],
    });
    expect(changed.findHerb('紫丹参')).toBeUndefined();
    expect(changed.findHerb('紫丹參')).toMatchObject({
      dose: { low: 5, high: 12 },
      sources: { dose: 'Example Clinic', names: 'chp-2020-i' },
    });
    expect(changed.findHerb('穿山甲')).toBeUndefined();
    expect(changed.findHerb('niudali')?.toxicity).toBe('unknown');
    expect(changed.findFormula('Rambling Powder')?.id).toBe('xiaoyaosan');
    expect(catalogue.findHerb('danshen')?.dose).toEqual({ low: 10, high: 15 });
    const layered = new Catalogue([
      parseOverlay({ organization: 'A', herbs: [{ id: 'danshen', dose: { low: 1, high: 2 } }] }),
      parseOverlay({ organization: 'B', herbs: [{ id: 'danshen', dose: { low: 3, high: 4 } }] }),
    ]);
    expect(layered.herbs.get('danshen')?.sources.dose).toBe('B');
  });

  test.each([
    ['no organization', { herbs: [] }],
    ['not an object', []],
    ['an id with capitals', { organization: 'A', herbs: [{ id: 'DanShen' }] }],
    ['a dose upside down', { organization: 'A', herbs: [{ id: 'danshen', dose: { low: 9, high: 3 } }] }],
    ['a dose of a kilogram', { organization: 'A', herbs: [{ id: 'danshen', dose: { low: 9, high: 1000 } }] }],
    ['an unknown key', { organization: 'A', herbs: [{ id: 'danshen', toxicity: 'none' }] }],
    ['an empty name', { organization: 'A', herbs: [{ id: 'danshen', en: ' ' }] }],
    [
      'a role of none',
      {
        organization: 'A',
        formulas: [{ id: 'ab', herbs: [{ herb: 'danshen', role: 'king', modern: { value: 1, unit: 'g' } }] }],
      },
    ],
  ])('%s is refused with a sentence', (_, value) => {
    expect(() => parseOverlay(value)).toThrow(OverlayError);
  });

  test('a new herb without all its names is refused', () => {
    expect(() => overlay({ organization: 'A', herbs: [{ id: 'niudali', en: 'Millettia root' }] })).toThrow(/its names/);
  });

  test('anything may be thrown at it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          parseOverlay(value);
        } catch (error) {
          expect(error).toBeInstanceOf(OverlayError);
        }
      }),
    );
  });
});
