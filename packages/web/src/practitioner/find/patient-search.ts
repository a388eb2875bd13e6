import type { Search } from '../../api/fhir.ts';

/** A date as people type it: 1980-02-03, 1980/2/3, 3.2.1980. */
const YEAR_FIRST = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/;
const YEAR_LAST = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/;
const MOST_WORDS = 6;

/**
 * What a line of text asks for: dates are dates of birth, words with digits are numbers of the person, all others are
 * parts of the name in any script. Undefined where there is too little to look for.
 */
export function patientSearch(text: string): Search | undefined {
  const words = text.trim().split(/\s+/).filter(Boolean).slice(0, MOST_WORDS);
  const born = words.map(isoDay).find((day) => day !== undefined);
  const others = words.filter((word) => isoDay(word) === undefined);
  const numbers = others.filter((word) => /\d/.test(word));
  const names = others.filter((word) => !/\d/.test(word)).map(escaped);
  if (born === undefined && numbers.length === 0 && names.length === 0) return undefined;
  return {
    ...(born !== undefined && { birthdate: born }),
    ...(numbers.length > 0 && { identifier: numbers.map((number) => escaped(number.toUpperCase())) }),
    ...(names.length > 0 && { name: names }),
    _count: 30,
  };
}

/** The day that was typed, as FHIR writes it; undefined where it is none. The day comes before the month. */
export function isoDay(word: string): string | undefined {
  const first = YEAR_FIRST.exec(word);
  const last = YEAR_LAST.exec(word);
  const [year, month, day] = first ? first.slice(1) : last ? last.slice(1).reverse() : [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== iso ? undefined : iso;
}

/** Values with the characters that separate them written as themselves (FHIR R4, Search 3.1.1.4.12). */
function escaped(text: string): string {
  return text.replaceAll(/[\\$,|]/g, '\\$&');
}
