import { describe, expect, it } from 'vitest';
import { measure } from '../testing/measure.ts';
import { acuteKidneyInjury, childPughClass, kidneyCategory } from './stages.ts';

const creatinine = (value: number, effective: string) => measure('14682-9', value, 'umol/L', { effective });

describe('KDIGO categories', () => {
  it.each([
    [90, 2.9, 'G1', 'A1', 'low'],
    [89, 3, 'G2', 'A2', 'moderate'],
    [60, 30, 'G2', 'A2', 'moderate'],
    [59, 30.1, 'G3a', 'A3', 'very-high'],
    [45, 1, 'G3a', 'A1', 'moderate'],
    [44, 1, 'G3b', 'A1', 'high'],
    [29, 1, 'G4', 'A1', 'very-high'],
    [14, 1, 'G5', 'A1', 'very-high'],
  ])('eGFR %d with %d mg/mmol is %s %s: %s risk', (egfr, ratio, g, a, risk) => {
    expect(kidneyCategory(egfr, ratio)).toEqual({ g, a, risk });
  });

  it('stays silent on albuminuria without a urine result', () => {
    expect(kidneyCategory(50)).toEqual({ g: 'G3a' });
  });
});

describe('KDIGO acute kidney injury', () => {
  const before = creatinine(80, '2026-06-01T08:00:00Z');

  it.each([
    [119, undefined],
    [120, 1],
    [159, 1],
    [160, 2],
    [239, 2],
    [240, 3],
  ])('from 80 to %d umol/L in five days is stage %s', (value, stage) => {
    expect(acuteKidneyInjury([before, creatinine(value, '2026-06-06T08:00:00Z')])?.stage).toBe(stage);
  });

  it('counts a rise of 26.5 umol/L within 48 hours and not later', () => {
    expect(acuteKidneyInjury([before, creatinine(106.5, '2026-06-03T07:00:00Z')])).toMatchObject({
      stage: 1,
      basis: 'rise-in-48-hours',
      baseline: 80,
    });
    expect(acuteKidneyInjury([before, creatinine(106.5, '2026-06-03T09:00:00Z')])).toBeUndefined();
  });

  it('is stage 3 from 353.6 umol/L, and takes the median of the year without a result of the week', () => {
    const steady = [200, 210, 220].map((value, month) => creatinine(value, `2026-0${month + 1}-01T08:00:00Z`));
    expect(acuteKidneyInjury([...steady, creatinine(354, '2026-06-01T08:00:00Z')])).toMatchObject({
      stage: 3,
      baseline: 210,
      basis: 'median-of-year',
    });
    expect(acuteKidneyInjury([creatinine(354, '2026-06-01T08:00:00Z')])).toBeUndefined();
    expect(acuteKidneyInjury([])).toBeUndefined();
  });
});

it('Child-Pugh classes', () => {
  expect([5, 6, 7, 9, 10, 15].map(childPughClass)).toEqual(['A', 'A', 'B', 'B', 'C', 'C']);
});
