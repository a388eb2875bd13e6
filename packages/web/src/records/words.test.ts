import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conceptText, inLanguage, plain, quantityText, rangeText } from './words.ts';

test('text without what is invisible or turns the line around', () => {
  expect(plain('safe\u202Egnp.exe\u200B\u0000\u0085')).toBe('safegnp.exe');
  expect(plain('👩‍👩‍👧 家')).toBe('👩‍👩‍👧 家');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(plain(text, 100).length).toBeLessThanOrEqual(101);
      expect(plain(text)).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u2028\ufeff]/);
    }),
  );
});

test('a megabyte is cut', () => {
  expect(plain('長'.repeat(1 << 20))).toHaveLength(301);
});

test.each([
  ['Sprain of ankle 足踝扭傷', 'Sprain of ankle', '足踝扭傷'],
  ['HbA1c 糖化血紅素', 'HbA1c', '糖化血紅素'],
  ['Dr CHAN Man Ho, Marcus 陳文豪醫生', 'Dr CHAN Man Ho, Marcus', '陳文豪醫生'],
  ['14 units, 1 times daily 每日1次', '14 units, 1 times daily', '每日1次'],
  ['高血壓', '高血壓', '高血壓'],
  ['Pregnancy (妊娠)', 'Pregnancy (妊娠)', 'Pregnancy (妊娠)'],
  ['500 mg 每日', '500 mg', '每日'],
  ['Qi 氣 deficiency', 'Qi 氣 deficiency', 'Qi 氣 deficiency'],
])('%s', (text, english, chinese) => {
  expect([inLanguage(text, 'en'), inLanguage(text, 'zh-Hant')]).toEqual([english, chinese]);
});

test('hostile text is split without going back and forth over it', () => {
  // a pattern that does so would not end within the life of a test
  expect(inLanguage('a '.repeat(100_000), 'en')).toHaveLength(200_000);
});

test('concepts, quantities and ranges', () => {
  expect(conceptText({ coding: [{ code: 'x' }, { code: 'y', display: 'Shown' }] }, 'en')).toBe('Shown');
  expect(conceptText(undefined, 'en')).toBe('');
  expect(quantityText({ value: 1234.5, unit: 'mg', comparator: '<' }, 'en')).toBe('<1,234.5 mg');
  expect(quantityText({ unit: 'mg' }, 'en')).toBe('');
  expect(rangeText({ low: { value: 4, unit: '%' }, high: { value: 5.6, unit: '%' } }, 'en')).toBe('4 % – 5.6 %');
  expect(rangeText({ high: { value: 5 } }, 'en')).toBe('≤ 5');
});

test.each([
  ['Cel', '38.5 °C'],
  ['kg/m2', '38.5 kg/m²'],
  ['10*9/L', '38.5 ×10⁹/L'],
  ['mmol/L', '38.5 mmol/L'],
  ['{score}', '38.5'],
])('the unit %s is written as people do', (unit, text) => {
  expect(quantityText({ value: 38.5, unit }, 'en')).toBe(text);
});
