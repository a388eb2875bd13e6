import type { Cell } from './cell.ts';
import type { Source } from './source.ts';

/** YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ] (HL7 v2.9 §2A.2.21, DTM). */
const DTM = /^(\d{4})(\d{2})?(\d{2})?(?:(\d{2})(\d{2})?(\d{2})?(\.\d{1,4})?)?\s*([+-]\d{4})?$/;

/**
 * A DTM or TS as FHIR dateTime with the precision that was sent. A time needs an offset in FHIR: the one sent, else the
 * one of the place (`Source.offsetAt`). An hour without minutes is a date, for FHIR knows no such precision. Undefined
 * for what is no date.
 */
export function dateTimeOf(text: string, source: Pick<Source, 'offsetAt'>): string | undefined {
  const match = DTM.exec(text.trim());
  if (!match) return undefined;
  const [, year = '', month, day, hour, minute, second = '00', fraction = '', offset] = match;
  if (!exists(year, month, day)) return undefined;
  if (month === undefined) return year;
  if (day === undefined) return `${year}-${month}`;
  const date = `${year}-${month}-${day}`;
  if (hour === undefined) return date;
  if (Number(hour) > 23 || Number(minute ?? 0) > 59 || Number(second) > 59) return undefined;
  if (minute === undefined) return date;
  const local = `${date}T${hour}:${minute}:${second}${fraction}`;
  if (offset === undefined) return `${local}${source.offsetAt(local)}`;
  if (Number(offset.slice(1, 3)) > 14 || Number(offset.slice(3)) > 59) return undefined;
  return `${local}${offset.slice(0, 3)}:${offset.slice(3)}`;
}

/** The date of a DTM, of its precision. */
export function dateOf(text: string): string | undefined {
  const [, year = '', month, day] = DTM.exec(text.trim()) ?? [];
  if (year === '' || !exists(year, month, day)) return undefined;
  return [year, month, day].filter((part) => part !== undefined).join('-');
}

/** HH[MM[SS]] (TM, DTM without its date) as FHIR time. */
export function timeOf(text: string): string | undefined {
  const [, hour = '', minute = '00', second = '00', fraction = ''] =
    /^(\d{2}):?(\d{2})?:?(\d{2})?(\.\d{1,4})?(?:[+-]\d{4})?$/.exec(text.trim()) ?? [];
  if (hour === '' || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return `${hour}:${minute}:${second}${fraction}`;
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function exists(year: string, month: string | undefined, day: string | undefined): boolean {
  if (year === '0000') return false;
  if (month === undefined) return true;
  const days = DAYS[Number(month) - 1];
  if (days === undefined) return false;
  if (day === undefined) return true;
  const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const last = month === '02' && !leap ? 28 : days;
  return Number(day) >= 1 && Number(day) <= last;
}

/** Reads a component only when it is a date, so that what is none counts as dropped. */
function taken(cell: Cell, component: number, read: (text: string) => string | undefined): string | undefined {
  const value = read(cell.peek(component));
  if (value !== undefined) cell.take(component);
  return value;
}

/** DTM, TS or DT → dateTime. */
export function dateTime(cell: Cell, source: Source): string | undefined {
  return taken(cell, 1, (text) => dateTimeOf(text, source));
}

/** DTM or DT → date. */
export function date(cell: Cell): string | undefined {
  return taken(cell, 1, dateOf);
}

/** DTM → instant: only what has minutes. */
export function instant(cell: Cell, source: Source): string | undefined {
  return taken(cell, 1, (text) => {
    const value = dateTimeOf(text, source);
    return value?.includes('T') ? value : undefined;
  });
}

/** TM → time. */
export function time(cell: Cell): string | undefined {
  return taken(cell, 1, timeOf);
}

/** DR → Period. */
export function period(cell: Cell, source: Source): { start?: string; end?: string } | undefined {
  const start = taken(cell, 1, (text) => dateTimeOf(text, source));
  const end = taken(cell, 2, (text) => dateTimeOf(text, source));
  return periodOf(start, end);
}

/** A period of what is there. An end before its start is no period: it is left out. */
export function periodOf(
  start: string | undefined,
  end: string | undefined,
): { start?: string; end?: string } | undefined {
  if (start === undefined && end === undefined) return undefined;
  const ordered = start === undefined || end === undefined || !(Date.parse(end) < Date.parse(start));
  return { ...(start !== undefined && { start }), ...(end !== undefined && ordered && { end }) };
}
