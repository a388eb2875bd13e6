/** A half-open range [low, high) in epoch milliseconds. */
export interface DateRange {
  low: number;
  high: number;
}

const DATE_TIME = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

const MINUTE = 60_000;
const DAY = 86_400_000;

/**
 * The time that a date, dateTime or instant may mean: 2024-05 is the whole month, 2024-05-07T10:30 the whole minute
 * (FHIR R4, Search, "date": a date is an interval of its precision). Undefined for what is not such a date.
 *
 * Without a timezone UTC is taken. R4 leaves the choice to the server ("the server's local timezone should be assumed");
 * UTC makes index rows mean the same on every machine, and both sides of a comparison are read alike.
 */
export function dateRange(text: string): DateRange | undefined {
  const parts = DATE_TIME.exec(text);
  if (!parts) return undefined;
  const year = Number(parts[1]);
  if (parts[2] === undefined) return { low: startOf(year, 0, 1), high: startOf(year + 1, 0, 1) };
  const month = Number(parts[2]) - 1;
  if (month < 0 || month > 11) return undefined;
  if (parts[3] === undefined) return { low: startOf(year, month, 1), high: startOf(year, month + 1, 1) };
  const day = Number(parts[3]);
  if (day < 1 || day > daysOf(year, month)) return undefined;
  const midnight = startOf(year, month, day);
  if (parts[4] === undefined) return { low: midnight, high: midnight + DAY };
  return timeRange(midnight, parts);
}

function timeRange(midnight: number, parts: RegExpExecArray): DateRange | undefined {
  const hour = Number(parts[4]);
  const minute = Number(parts[5]);
  const second = Number(parts[6] ?? 0);
  // 60 is a leap second (R4, instant); the clock of epoch milliseconds has none, so it falls into the next minute.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const offset = zoneOffset(parts[8]);
  if (offset === undefined) return undefined;
  const start = midnight + hour * 3_600_000 + (minute - offset) * MINUTE + second * 1000;
  if (parts[6] === undefined) return { low: start, high: start + MINUTE };
  if (parts[7] === undefined) return { low: start, high: start + 1000 };
  const width = 10 ** Math.max(0, 3 - parts[7].length);
  const low = start + Number(parts[7].padEnd(3, '0').slice(0, 3));
  return { low, high: low + width };
}

/** Minutes east of Greenwich. */
function zoneOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** `Date.UTC` reads years below 100 as 19xx; FHIR's year 0099 is the year 99. */
function startOf(year: number, month: number, day: number): number {
  if (year >= 100) return Date.UTC(year, month, day);
  return new Date(0).setUTCFullYear(year, month, day);
}

function daysOf(year: number, month: number): number {
  if (month === 1) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 3 || month === 5 || month === 8 || month === 10 ? 30 : 31;
}
