import { useLingui } from '@lingui/react';
import { useMemo } from 'react';
import { FORMATS, type Language } from './language.ts';

/** Dates, numbers and sizes in the reader's language. A partial date of FHIR is shown as far as it is known. */
export interface Format {
  date(value: string | undefined): string;
  dateTime(value: string | undefined): string;
  time(value: string | undefined): string;
  /** `March 2026` */
  month(value: string): string;
  /** Such as `3 days ago`; `now` in epoch milliseconds. */
  ago(value: string, now: number): string;
  number(value: number, digits?: number): string;
  bytes(value: number): string;
  list(items: readonly string[]): string;
  /** Whole years from `from` to `to`, ISO dates. */
  years(from: string, to: string): number;
}

export function formatFor(language: Language): Format {
  const locale = FORMATS[language];
  const style = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
  const day = style({ dateStyle: 'medium' });
  const minute = style({ dateStyle: 'medium', timeStyle: 'short' });
  const clock = style({ timeStyle: 'short' });
  const month = style({ year: 'numeric', month: 'long', timeZone: 'UTC' });
  const year = style({ year: 'numeric', timeZone: 'UTC' });
  const utcDay = style({ dateStyle: 'medium', timeZone: 'UTC' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const lists = new Intl.ListFormat(locale, { type: 'conjunction' });
  const date = (value: string | undefined): string => {
    const at = value === undefined ? Number.NaN : Date.parse(value);
    if (value === undefined || Number.isNaN(at)) return value ?? '';
    if (value.length === 4) return year.format(at);
    if (value.length === 7) return month.format(at);
    // a day has no zone: it must not become the day before west of Greenwich
    return value.length === 10 ? utcDay.format(at) : day.format(at);
  };
  return {
    date,
    dateTime: (value) => (value === undefined || value.length <= 10 ? date(value) : safely(minute, value)),
    time: (value) => (value === undefined || value.length <= 10 ? '' : safely(clock, value)),
    month: (value) => safely(month, value),
    ago: (value, now) => ago(relative, Date.parse(value) - now) ?? date(value),
    number: (value, digits) =>
      value.toLocaleString(
        locale,
        digits === undefined
          ? { maximumSignificantDigits: 12 }
          : { minimumFractionDigits: digits, maximumFractionDigits: digits },
      ),
    bytes: (value) => bytes(locale, value),
    list: (items) => lists.format(items),
    years: (from, to) => wholeYears(from, to),
  };
}

/** The formats of the current language, for components. */
export function useFormat(): Format {
  const { i18n } = useLingui();
  return useMemo(() => formatFor(i18n.locale as Language), [i18n.locale]);
}

function safely(format: Intl.DateTimeFormat, value: string): string {
  const at = Date.parse(value);
  return Number.isNaN(at) ? value : format.format(at);
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** Undefined beyond a fortnight: then the date says more. */
function ago(format: Intl.RelativeTimeFormat, difference: number): string | undefined {
  if (Number.isNaN(difference) || Math.abs(difference) > 14 * 86_400_000) return undefined;
  const [unit, size] = STEPS.find(([, size]) => Math.abs(difference) >= size) ?? ['minute', 60_000];
  return format.format(Math.round(difference / size), unit);
}

function bytes(locale: string, value: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  const unit = units[power] ?? 'byte';
  return (value / 1000 ** power).toLocaleString(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  });
}

function wholeYears(from: string, to: string): number {
  const years = Number(to.slice(0, 4)) - Number(from.slice(0, 4));
  return to.slice(5, 10) < from.slice(5, 10) ? years - 1 : years;
}
