import type { FhirResource } from 'fhir/r4';
import type { Tint } from '../design/record-card.tsx';
import type { TimelineEntry } from '../design/timeline-rows.ts';
import { kindOf, type Summary, summaryOf } from './summary.ts';

/** An entry of the timeline with what a search looks through. */
export interface Entry extends TimelineEntry {
  summary: Summary;
  tint: Tint;
  haystack: string;
}

/** More of one record than this is not looked through. */
const LONGEST_HAYSTACK = 4000;

/**
 * The entries of a record, newest first; what has no date comes last.
 *
 * @param month names the month of a date, for the headings
 */
export function entriesOf(
  resources: readonly FhirResource[],
  locale: string,
  month: (date: string) => string,
): Entry[] {
  return resources
    .map((resource) => {
      const summary = summaryOf(resource, locale);
      return {
        key: `${summary.type}/${summary.id}`,
        group: summary.date === '' ? '' : month(summary.date.slice(0, 7)),
        summary,
        tint: kindOf(summary.type).tint,
        haystack: fold(JSON.stringify(resource, withoutNoise).slice(0, LONGEST_HAYSTACK)),
      };
    })
    .sort((a, b) => order(b.summary) - order(a.summary));
}

/** What a reader wants to see: one of the kinds (all, if none is named), and Chinese medicine alone or not. */
export interface Wanted {
  kinds: ReadonlySet<Tint>;
  chinese: boolean;
}

/** The entries with all of the words that are wanted. */
export function filterEntries(entries: readonly Entry[], words: string, { kinds, chinese }: Wanted): Entry[] {
  const needles = fold(words).split(/\s+/).filter(Boolean);
  return entries.filter(
    ({ haystack, tint, summary }) =>
      (kinds.size === 0 || kinds.has(tint)) &&
      (!chinese || summary.chinese) &&
      needles.every((needle) => haystack.includes(needle)),
  );
}

/** Case, width and accents do not matter when people search. */
function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}

const NOISE = new Set([
  'system',
  'id',
  'reference',
  'meta',
  'data',
  'div',
  'status',
  'url',
  'lastUpdated',
  'resourceType',
]);

function withoutNoise(name: string, value: unknown): unknown {
  return NOISE.has(name) ? undefined : value;
}

function order({ date }: Summary): number {
  const at = Date.parse(date);
  return Number.isNaN(at) ? Number.NEGATIVE_INFINITY : at;
}
