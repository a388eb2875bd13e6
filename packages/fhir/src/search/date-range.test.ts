import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateRange } from './date-range.ts';

describe('dateRange', () => {
  it.each([
    ['2024', Date.UTC(2024), Date.UTC(2025)],
    ['2024-02', Date.UTC(2024, 1), Date.UTC(2024, 2)],
    ['2024-02-29', Date.UTC(2024, 1, 29), Date.UTC(2024, 2, 1)],
    ['2024-12-31', Date.UTC(2024, 11, 31), Date.UTC(2025)],
    ['2024-05-07T10:30', Date.UTC(2024, 4, 7, 10, 30), Date.UTC(2024, 4, 7, 10, 31)],
    ['2024-05-07T10:30:15', Date.UTC(2024, 4, 7, 10, 30, 15), Date.UTC(2024, 4, 7, 10, 30, 16)],
    ['2024-05-07T10:30:15.5Z', Date.UTC(2024, 4, 7, 10, 30, 15, 500), Date.UTC(2024, 4, 7, 10, 30, 15, 600)],
    ['2024-05-07T10:30:15.1234Z', Date.UTC(2024, 4, 7, 10, 30, 15, 123), Date.UTC(2024, 4, 7, 10, 30, 15, 124)],
    ['2024-05-07T00:00:00+08:00', Date.UTC(2024, 4, 6, 16), Date.UTC(2024, 4, 6, 16, 0, 1)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017), Date.UTC(2017, 0, 1, 0, 0, 1)],
  ])('%s', (text, low, high) => {
    expect(dateRange(text)).toEqual({ low, high });
  });

  it.each([
    '',
    '24',
    '2024-13',
    '2024-00',
    '2023-02-29',
    '2024-04-31',
    '2024-05-07T24:00:00Z',
    '2024-05-07T10:60',
    '2024-1-1',
    '2024-05-07T10:30:00+15:00',
    'x2024',
    '2024 ',
  ])('refuses %j', (text) => {
    expect(dateRange(text)).toBeUndefined();
  });

  it('reads every instant as Date does', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0100-01-01'), max: new Date('9999-01-01'), noInvalidDate: true }),
        (date) => {
          expect(dateRange(date.toISOString())).toEqual({ low: date.getTime(), high: date.getTime() + 1 });
        },
      ),
    );
  });

  it('reads the years before 100', () => {
    expect(dateRange('0099')?.low).toBe(new Date('0099-01-01T00:00:00Z').getTime());
  });
});
