import type { Span } from './span.ts';

/** A date that a report states. */
export interface TextDate extends Span {
  /** FHIR date: `2024`, `2024-03` or `2024-03-05`. */
  date: string;
}

/** Which number comes first in `5/3/2024`. */
export type DateOrder = 'day-month' | 'month-day';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = '(?<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?';
const PATTERNS: readonly RegExp[] = [
  /(?<![\d-])(?<year>(?:19|20)\d\d)-(?<month>\d\d)(?:-(?<day>\d\d))?(?![\d-])/g,
  /(?<!\d)(?<year>(?:19|20)\d\d)\s?年\s?(?<month>\d{1,2})\s?月(?:\s?(?<day>\d{1,2})\s?[日號号])?/g,
  /(?<![\d/])(?<year>(?:19|20)\d\d)[/.](?<month>\d{1,2})[/.](?<day>\d{1,2})(?![\d/])/g,
  /(?<![\d/.])(?<one>\d{1,2})[/.](?<two>\d{1,2})[/.](?<year>(?:19|20)\d\d)(?![\d/])/g,
  new RegExp(`\\b(?<day>\\d{1,2})(?:st|nd|rd|th)?\\s${MONTH}\\s(?<year>(?:19|20)\\d\\d)\\b`, 'gi'),
  new RegExp(`\\b${MONTH}\\s(?<day>\\d{1,2})(?:st|nd|rd|th)?,?\\s(?<year>(?:19|20)\\d\\d)\\b`, 'gi'),
  new RegExp(`\\b${MONTH}\\s(?<year>(?:19|20)\\d\\d)\\b`, 'gi'),
];

/** The dates of a text; what is no day of the calendar is left out. */
export function datesOf(text: string, order: DateOrder): TextDate[] {
  const found = PATTERNS.flatMap((pattern) => [...text.matchAll(pattern)]).flatMap(
    (match) => dateOf(match, order) ?? [],
  );
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  let last = 0;
  return found.filter(({ start, end }) => {
    if (start < last) return false;
    last = end;
    return true;
  });
}

function dateOf(match: RegExpExecArray, order: DateOrder): TextDate | undefined {
  const { year = '', one, two, name } = match.groups ?? {};
  let { month, day } = match.groups ?? {};
  if (one !== undefined) [day, month] = order === 'day-month' ? [one, two] : [two, one];
  if (name !== undefined) month = String(MONTHS.indexOf(name.toLowerCase()) + 1);
  const parts = [year, ...[month, day].filter((part) => part !== undefined).map((part) => part.padStart(2, '0'))];
  const date = parts.join('-');
  const whole = new Date(`${date}${'-01'.repeat(3 - parts.length)}T00:00:00Z`);
  if (Number.isNaN(whole.getTime()) || !whole.toISOString().startsWith(date)) return undefined;
  return { start: match.index, end: match.index + match[0].length, date };
}
