import { describe, expect, it } from 'vitest';
import { ICD11_BUILT_IN } from '../tcm/icd11.ts';
import { PULSES } from '../tcm/terms/pulse.ts';
import { COATING_COLOURS, COATING_QUALITIES, TONGUE_COLOURS, TONGUE_SHAPES } from '../tcm/terms/tongue.ts';
import { allAnalytes } from './analytes.ts';
import { findingWords, patternWords } from './chinese-medicine-words.ts';
import { interpret } from './interpret.ts';
import { analytesWithWords, plainWords } from './plain-words.ts';
import { measure } from './testing/measure.ts';
import type { Locale } from './words.ts';

const locales: readonly Locale[] = ['en', 'zh-Hant', 'zh-Hans'];
const woman = { sex: 'female', birthDate: '1986-03-04' } as const;

function explain(loinc: string, value: number, unit: string, locale: Locale) {
  const result = interpret([measure(loinc, value, unit)], woman)[0];
  return result && plainWords(result, locale);
}

/** Everything that a patient may be shown, in one script. */
function allTexts(locale: Locale): string[] {
  return allAnalytes().flatMap(({ loinc, unit }) =>
    [undefined, 'L', 'H', 'LL', 'HH', 'N'].flatMap((flag) => {
      const bare = { ...measure(loinc[0] ?? '', 1, unit), ...(flag !== undefined && { flag }) };
      const [result] = interpret([bare], {});
      const words = result && plainWords({ ...result, ...(flag !== undefined && { flag: flag as 'L' }) }, locale);
      return words ? [words.title, words.measures, words.meaning, words.usual ?? '', ...words.ask] : [];
    }),
  );
}

describe('plain words', () => {
  it('explain at least 120 LOINC codes, every analyte of the tables', () => {
    const known = new Set(analytesWithWords());
    const explained = allAnalytes().filter((one) => known.has(one.key));
    expect(explained).toHaveLength(allAnalytes().length);
    expect(explained.flatMap((one) => one.loinc).length).toBeGreaterThanOrEqual(120);
    expect(new Set(explained.flatMap((one) => one.loinc)).size).toBe(explained.flatMap((one) => one.loinc).length);
  });

  it('say what a low result means and what is usual', () => {
    const words = explain('718-7', 100, 'g/L', 'en');
    expect(words?.title).toBe('Haemoglobin');
    expect(words?.meaning).toContain('below the usual range');
    expect(words?.meaning).toContain('anaemia');
    expect(words?.usual).toBe('A general table gives as usual: 117 to 153 g/L.');
    expect(words?.ask).toHaveLength(2);
    expect(words?.source).toContain('medlineplus.gov');
    expect(explain('718-7', 100, 'g/L', 'zh-Hant')?.meaning).toContain('低於一般範圍');
    expect(explain('718-7', 100, 'g/L', 'zh-Hans')?.title).toBe('血红蛋白');
  });

  it('say calmly but plainly when a result cannot wait', () => {
    expect(explain('2823-3', 7, 'mmol/L', 'en')?.meaning).toContain('contact your care team now');
    expect(explain('2823-3', 7, 'mmol/L', 'zh-Hant')?.meaning).toContain('立即聯絡');
  });

  it("compare with the patient's own earlier results", () => {
    const history = [2020, 2021, 2022].map((year) => measure('718-7', 140, 'g/L', { effective: `${year}-01-01` }));
    const [result] = interpret([measure('718-7', 120, 'g/L')], woman, { history });
    expect(result && plainWords(result, 'en')?.change).toBe(
      'Your 3 earlier results were around 140 g/L; this one is clearly lower.',
    );
    expect(result && plainWords(result, 'zh-Hant')?.change).toContain('明顯較低');
    expect(explain('718-7', 100, 'g/L', 'en')?.change).toBeUndefined();
  });

  it('decide nothing without a range, and know nothing of unknown codes', () => {
    expect(explain('20448-7', 10, 'm[IU]/L', 'en')?.meaning).toContain('no range');
    expect(explain('99999-9', 10, 'g/L', 'en')).toBeUndefined();
  });

  it('are short, and diagnose nobody', () => {
    for (const text of allTexts('en')) {
      for (const sentence of text.split(/(?<=[.?!]) /))
        expect(sentence.split(' ').length, sentence).toBeLessThanOrEqual(34);
      expect(text).not.toMatch(/you have (?!more|less)|you suffer|diagnosed|fatal|deadly/i);
    }
  });

  it('keep the scripts apart', () => {
    const traditional = /[鈉鉀鈣這個與關係結會應該體檢驗說顯範圍]/;
    const simplified = /[钠钾钙这与关结会应该体检验说显围]/;
    const onlySimplified = /[钠钾钙这关结应体检验说显围]/;
    for (const text of allTexts('zh-Hans')) expect(text).not.toMatch(/[鈉鉀鈣這個與關係結會應體檢驗說顯範圍]/);
    for (const text of allTexts('zh-Hant')) expect(text).not.toMatch(onlySimplified);
    expect(allTexts('zh-Hant').join('')).toMatch(traditional);
    expect(allTexts('zh-Hans').join('')).toMatch(simplified);
  });
});

describe('Chinese-medicine findings', () => {
  it('explain every code of the tongue, coating and pulse lists in three scripts', () => {
    const lists = [
      ['tongue-colour', TONGUE_COLOURS],
      ['tongue-shape', TONGUE_SHAPES],
      ['coating-colour', COATING_COLOURS],
      ['coating-quality', COATING_QUALITIES],
      ['pulse', PULSES],
    ] as const;
    for (const [list, terms] of lists) {
      for (const { code } of terms) {
        for (const locale of locales) expect(findingWords(list, code, locale)?.meaning, `${list} ${code}`).toBeTruthy();
      }
    }
    expect(findingWords('pulse', 'unheard-of', 'en')).toBeUndefined();
  });

  it('explain patterns by the elements of their names', () => {
    expect(patternWords('脾腎陽虛證', 'en')?.meaning).toContain('Low yang');
    expect(patternWords('痰濕證', 'en')?.meaning).toMatch(/Phlegm.*Dampness/);
    expect(patternWords('心腎不交證', 'en')).toBeUndefined();
    const patterns = [...ICD11_BUILT_IN.values()].filter((one) => one.kind === 'pattern');
    const explained = patterns.filter((one) => one.zhHant && patternWords(one.zhHant, 'zh-Hans'));
    expect(explained.length / patterns.length).toBeGreaterThan(0.85);
  });
});
