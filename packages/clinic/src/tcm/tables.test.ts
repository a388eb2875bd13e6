import { describe, expect, test } from 'vitest';
import { FORMULAS } from './formula.ts';
import { HERBS } from './herb.ts';
import { crudeHerb, isHerbId } from './herb-id.ts';
import { POINTS } from './point.ts';
import { tcmSources } from './source.ts';

const herbs = [...HERBS.values()];
const formulas = [...FORMULAS.values()];
const CHINESE = /^\p{Script=Han}+$/u;
const CHANNELS =
  'heart liver spleen lung kidney stomach large-intestine small-intestine bladder gallbladder pericardium triple-burner';
const FLAVOURS = 'pungent sweet sour bitter salty bland astringent';

/** Pinyin without tones and spaces, `ü` as `u`. */
const slug = (pinyin: string) => pinyin.normalize('NFD').replace(/[\p{M}\s]/gu, '');

describe('herbs', () => {
  test('there are some 300, each once, each with an id that follows from its name', () => {
    expect(herbs.length).toBeGreaterThan(300);
    expect(new Set(herbs.map(({ zhHans }) => zhHans)).size).toBe(herbs.length);
    for (const { id, pinyin } of herbs) {
      expect(isHerbId(id), id).toBe(true);
      if (!id.includes('-')) expect(slug(pinyin), id).toBe(id);
    }
  });

  test('names are written in their scripts', () => {
    for (const { id, zhHant, zhHans, latin, en, pinyin } of herbs) {
      expect(zhHant, id).toMatch(CHINESE);
      expect(zhHans, id).toMatch(CHINESE);
      expect([...zhHant].length, id).toBe([...zhHans].length);
      expect(pinyin.split(' ').length, id).toBe([...zhHans].length);
      expect(latin, id).toMatch(/^[A-Z][A-Za-z ()]+$/);
      expect(en, id).toMatch(/^[\x20-\x7e]+$/);
    }
  });

  test('nature, flavours and channels are of the classical lists', () => {
    for (const { id, nature, flavours, channels } of herbs) {
      expect(['cold', 'cool', 'neutral', 'warm', 'hot'], id).toContain(nature);
      expect(flavours.length * channels.length, id).toBeGreaterThan(0);
      for (const flavour of flavours) expect(FLAVOURS.split(' '), id).toContain(flavour);
      for (const channel of channels) expect(CHANNELS.split(' '), id).toContain(channel);
    }
  });

  test('dose ranges are sane, and only herbs with a monograph have one', () => {
    for (const { id, dose, pharmacopoeia, toxicity } of herbs) {
      if (!dose) continue;
      expect(pharmacopoeia, id).toBe('monograph');
      expect(dose.low, id).toBeGreaterThan(0);
      expect(dose.high, id).toBeGreaterThan(dose.low);
      expect(dose.high, id).toBeLessThanOrEqual(60);
      if (toxicity === 'very-toxic') expect(dose.high, id).toBeLessThanOrEqual(1);
      if (toxicity === 'toxic') expect(dose.high, id).toBeLessThanOrEqual(15);
    }
  });

  /** Doses and warnings as the monographs of the Chinese Pharmacopoeia 2020 vol. I state them. */
  test.each([
    ['mahuang', 2, 10, 'none', []],
    ['xixin', 1, 3, 'slightly-toxic', ['not-with-lilu']],
    ['fuzi-zhi', 3, 15, 'toxic', ['pregnancy-caution', 'not-with-aconite-antagonists']],
    ['danshen', 10, 15, 'none', ['not-with-lilu']],
    ['gancao', 2, 10, 'none', ['not-with-licorice-antagonists']],
    ['shuizhi', 1, 3, 'slightly-toxic', ['pregnancy-prohibited']],
    ['zhusha', 0.1, 0.5, 'toxic', ['pregnancy-prohibited']],
    ['heshouwu-zhi', 6, 12, 'none', undefined],
  ] as const)('%s', (id, low, high, toxicity, cautions) => {
    const herb = HERBS.get(id);
    expect(herb?.dose).toEqual({ low, high });
    expect(herb?.toxicity).toBe(toxicity);
    expect(herb?.cautions ?? []).toEqual(cautions ?? []);
  });

  test('every fact has a source that is listed, and no toxic herb lacks its own', () => {
    for (const { id, sources, dose, toxicity, cautions } of herbs) {
      for (const source of Object.values(sources)) expect(tcmSources.has(source), `${id} ${source}`).toBe(true);
      expect(sources.dose !== undefined, id).toBe(dose !== undefined);
      if (toxicity !== 'none' || cautions) expect(sources.cautions, id).toBeDefined();
    }
  });

  test('a prepared piece names its crude herb', () => {
    for (const { id, preparedFrom } of herbs) expect(preparedFrom ?? id, id).toBe(crudeHerb(id));
  });
});

describe('formulas', () => {
  test('there are some 100 with known herbs, each once, and known sources', () => {
    expect(formulas.length).toBeGreaterThan(100);
    for (const { id, pinyin, herbs: composition, sources, zhHant } of formulas) {
      expect(slug(pinyin)).toBe(id);
      expect(zhHant, id).toMatch(CHINESE);
      expect(composition.length, id).toBeGreaterThan(1);
      expect(new Set(composition.map(({ herb }) => herb)).size, id).toBe(composition.length);
      for (const { herb } of composition) expect(HERBS.has(herb), `${id} ${herb}`).toBe(true);
      for (const source of Object.values(sources)) expect(tcmSources.has(source), `${id} ${source}`).toBe(true);
    }
  });

  test('each has a sovereign, and modern doses between a pinch and 120 g', () => {
    for (const { id, herbs: composition } of formulas) {
      expect(
        composition.some(({ role }) => role === 'sovereign'),
        id,
      ).toBe(true);
      for (const { modern } of composition) {
        expect(modern.value, id).toBeGreaterThan(0);
        expect(modern.value, id).toBeLessThanOrEqual(120);
      }
    }
  });

  test('麻黃湯 as 傷寒論 gives it', () => {
    expect(FORMULAS.get('mahuangtang')?.herbs.map(({ herb, classical }) => [herb, classical])).toEqual([
      ['mahuang', '3兩'],
      ['guizhi', '2兩'],
      ['kuxingren', '70個'],
      ['gancao-zhi', '1兩'],
    ]);
  });
});

describe('points', () => {
  /** WHO Standard Acupuncture Point Locations (2008): the number of points of each channel. */
  const CHANNEL_POINTS = {
    ...{ LU: 11, LI: 20, ST: 45, SP: 21, HT: 9, SI: 19, BL: 67 },
    ...{ KI: 27, PC: 9, TE: 23, GB: 44, LR: 14, GV: 28, CV: 24 },
  };

  test('the 361 of the channels and 48 extra, numbered without a gap', () => {
    const expected = Object.entries(CHANNEL_POINTS).flatMap(([channel, count]) =>
      Array.from({ length: count }, (_, index) => `${channel}${index + 1}`),
    );
    expect(expected).toHaveLength(361);
    expect([...POINTS.keys()].slice(0, 361)).toEqual(expected);
    expect([...POINTS.keys()].slice(361).every((code) => /^EX-(HN|CA|B|UE|LE)\d+$/.test(code))).toBe(true);
    expect(POINTS.size).toBe(409);
  });

  test('names have as many syllables as characters, and a source', () => {
    for (const { code, zhHant, zhHans, pinyin, source } of POINTS.values()) {
      expect(zhHant, code).toMatch(CHINESE);
      expect([...zhHans].length, code).toBe([...zhHant].length);
      expect(pinyin, code).toMatch(/^\p{Lu}\p{L}+$/u);
      expect(tcmSources.has(source), code).toBe(true);
    }
  });
});
