import { expect, it } from 'vitest';
import { datesOf } from './dates.ts';
import { followUpsOf } from './follow-up.ts';
import { measurementsOf } from './measurements.ts';

const measured = (text: string) =>
  measurementsOf(text).map(
    ({ values, form, unit, prior, comparator = '' }) =>
      `${comparator}${values.join(',')} ${unit} ${form}${prior ? ' prior' : ''}`,
  );

it.each([
  ['12 mm', ['12 mm single']],
  ['2.3 x 1.8 x 1.2 cm', ['2.3,1.8,1.2 cm dimensions']],
  ['12mm×8mm', ['12,8 mm dimensions']],
  ['3-5 mm', ['3,5 mm range']],
  ['12 mm (previously 8 mm)', ['12 mm single', '8 mm single prior']],
  ['increased from 8 mm to 12 mm', ['8 mm single prior', '12 mm single']],
  ['由8mm增至12mm', ['8 mm single prior', '12 mm single']],
  ['約3厘米（原2.5厘米）', ['~3 cm single', '2.5 cm single prior']],
  ['less than 5 mm', ['<5 mm single']],
  ['小於5毫米', ['<5 mm single']],
  ['BP 138/84 mmHg', ['138,84 mm[Hg] blood-pressure']],
  ['體溫36.8度', ['36.8 Cel single']],
  ['12 mmol and 5 apples, 12/5 mm', ['5 mm single']],
])('measures %s', (text, expected) => expect(measured(text)).toEqual(expected));

it.each([
  ['2024-03-05', '2024-03-05'],
  ['5/3/2024', '2024-03-05'],
  ['12 March 2024', '2024-03-12'],
  ['March 12th, 2024', '2024-03-12'],
  ['Mar 2024', '2024-03'],
  ['2024年3月5日', '2024-03-05'],
  ['2024年3月', '2024-03'],
  ['31/2/2024', undefined],
  ['2024-13-01', undefined],
])('dates %s', (text, date) => expect(datesOf(text, 'day-month')[0]?.date).toBe(date));

it('takes the month first where the reader says so', () => {
  expect(datesOf('5/3/2024', 'month-day')[0]?.date).toBe('2024-05-03');
});

const recommended = (text: string) =>
  followUpsOf(text, { start: 0, end: text.length }).map(({ kind, when, conditional }) =>
    `${kind} ${when ? `${when.low}-${when.high} ${when.unit}` : ''}${conditional ? ' if' : ''}`
      .replace('  ', ' ')
      .trim(),
  );

it.each([
  ['Recommend CT chest in 3-6 months', ['imaging 3-6 mo']],
  ['Repeat renal function in two weeks', ['laboratory 2-2 wk']],
  ['Repeat MRI in 1 year and refer to neurology clinic', ['imaging 1-1 a', 'referral']],
  ['Recommend PET-CT and tissue biopsy', ['imaging', 'biopsy']],
  ['Ultrasound-guided biopsy advised', ['biopsy']],
  ['建議複查肝功能及超聲', ['laboratory', 'imaging']],
  ['Refer to surgery if symptoms persist', ['referral if']],
  ['No follow-up imaging required', []],
  ['CT showed a nodule', []],
  ['建議三個月後複查CT', ['imaging 3-3 mo']],
  ['建议半年后复查超声', ['imaging 0.5-0.5 a']],
  ['十二天後覆診', ['visit 12-12 d']],
  ['3月5日覆診', ['visit']],
  ['毋須覆診', []],
])('recommends in %s', (text, expected) => expect(recommended(text)).toEqual(expected));
