import table from '../../data/text/sections.json' with { type: 'json' };
import { PhraseTrie } from './phrase-trie.ts';
import type { Span } from './span.ts';
import type { Token } from './tokens.ts';

/** What a part of a report is about. */
export type SectionKind =
  | 'indication'
  | 'technique'
  | 'comparison'
  | 'findings'
  | 'impression'
  | 'chief-complaint'
  | 'present-illness'
  | 'past-history'
  | 'family-history'
  | 'social-history'
  | 'allergies'
  | 'medications'
  | 'examination'
  | 'plan'
  | 'instructions'
  | 'pattern'
  | 'principle'
  | 'prescription';

/** A part of a report from its heading to the next; `heading` is where the heading stands. */
export interface Section extends Span {
  kind: SectionKind;
  heading: Span;
}

const headings = new PhraseTrie<SectionKind>();
for (const { kind, headings: phrases } of table.sections) {
  for (const phrase of phrases) headings.add(phrase, kind as SectionKind);
}

/** More parts than any report has; what follows belongs to the last one. */
const MOST_SECTIONS = 200;

/**
 * The parts of a report. A heading begins a line or follows the end of a sentence, and a colon, a closing bracket (【診斷】) or
 * the line's end comes after it. What stands before the first heading belongs to no part.
 */
export function sectionsOf(text: string, tokens: readonly Token[]): Section[] {
  const found: Omit<Section, 'end'>[] = [];
  for (let at = 0; at < tokens.length && found.length < MOST_SECTIONS; at++) {
    if (!mayBegin(text, tokens, at)) continue;
    const match = headings.at(tokens, at);
    const kind = match?.values[0];
    const last = match && tokens[match.to - 1];
    const first = tokens[at];
    if (!kind || !last || !first) continue;
    const mark = closingMark(text, last.end, tokens[match.to]);
    if (mark !== undefined) found.push({ kind, start: mark, heading: { start: first.start, end: last.end } });
  }
  return found.map((section, index) => ({ ...section, end: found[index + 1]?.heading.start ?? text.length }));
}

/** Where the text of the section begins when the heading is closed as headings are. */
function closingMark(text: string, end: number, next: Token | undefined): number | undefined {
  if (next && /^[:】\]]$/.test(next.text)) return next.end;
  const newline = /^[ \t]*(?:\r?\n|$)/.exec(text.slice(end, end + 20));
  return newline ? end + newline[0].length : undefined;
}

function mayBegin(text: string, tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1];
  const token = tokens[at];
  if (!before || !token) return true;
  if (/^[。.;【[]$/.test(before.text)) return true;
  return text.slice(before.end, token.start).includes('\n');
}

/** The part that holds an offset. */
export function sectionAt(sections: readonly Section[], offset: number): Section | undefined {
  return sections.findLast(({ heading, end }) => heading.start <= offset && offset < end);
}
