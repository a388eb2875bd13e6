import { type Scope, scopesOf, type Taken } from './context.ts';
import { CONCEPT_NAMES, type Concept } from './lexicon.ts';
import type { PhraseMatch } from './phrase-trie.ts';
import { type Section, type SectionKind, sectionAt } from './sections.ts';
import type { Sentence } from './sentences.ts';
import type { Span } from './span.ts';
import type { Token } from './tokens.ts';
import type { ContextCategory } from './triggers.ts';

/** A finding or disorder that a report speaks of, where it does so, and how. */
export interface TextFinding extends Span {
  concept: Concept;
  /** The report says that it is not there. */
  negated: boolean;
  /** The report leaves open whether it is there. */
  uncertain: boolean;
  /** `hypothetical`: what to watch for or prevent, not what is. */
  temporality: 'current' | 'historical' | 'hypothetical';
  experiencer: 'patient' | 'family';
  /** The words that say so, in the order of the text. */
  because: Span[];
  section?: SectionKind;
}

/** A place of the body that a report names. */
export interface TextSite extends Span {
  concept: Concept;
  laterality?: 'left' | 'right' | 'bilateral';
}

/** What a section says about all in it. */
const SECTION_SAYS: Partial<Record<SectionKind, ContextCategory>> = {
  'family-history': 'family',
  'past-history': 'historical',
  instructions: 'hypothetical',
};

/** The findings and sites of one sentence. */
export function findingsOf(
  tokens: readonly Token[],
  sentence: Sentence,
  sections: readonly Section[],
): { findings: TextFinding[]; sites: TextSite[] } {
  const named = [...CONCEPT_NAMES.matches(tokens, sentence.from, sentence.to)];
  const said = named.flatMap(({ value, ...place }) =>
    value && !inHeading(tokens, place.from, sections) ? { value, ...place } : [],
  );
  const found = said.filter(({ value }) => value.kind !== 'site');
  const scopes = found.length > 0 ? scopesOf(tokens, sentence, named) : [];
  const findings = found.map((match) => {
    const over = scopes.filter(({ from, to }) => from <= match.from && match.to <= to);
    return findingOf(tokens, match, over, sections);
  });
  const sites = said.filter(({ value }) => value.kind === 'site').map((match) => siteOf(tokens, match));
  return { findings, sites };
}

/** The finding with what its section and the scopes over it say. */
function findingOf(
  tokens: readonly Token[],
  match: PhraseMatch<Concept>,
  over: readonly Scope[],
  sections: readonly Section[],
): TextFinding {
  const span = spanOf(tokens, match);
  const section = sectionAt(sections, span.start);
  const says = new Set(over.map(({ category }) => category));
  const byHeading = section && SECTION_SAYS[section.kind];
  if (byHeading !== undefined) says.add(byHeading);
  const because = over.map(({ trigger }) => spanOf(tokens, trigger)).sort((a, b) => a.start - b.start);
  return { ...span, concept: match.value, ...attributesOf(says), because, ...(section && { section: section.kind }) };
}

/**
 * Where both reach, uncertain goes first ("unlikely but not excluded"). What is denied has no past: "no history of diabetes" says
 * that there is none and never was.
 */
function attributesOf(
  says: ReadonlySet<ContextCategory>,
): Pick<TextFinding, 'negated' | 'uncertain' | 'temporality' | 'experiencer'> {
  const uncertain = says.has('uncertain');
  const negated = says.has('negated') && !uncertain;
  const historical = says.has('historical') && !negated;
  return {
    negated,
    uncertain,
    temporality: says.has('hypothetical') ? 'hypothetical' : historical ? 'historical' : 'current',
    experiencer: says.has('family') ? 'family' : 'patient',
  };
}

function spanOf(tokens: readonly Token[], { from, to }: Taken): Span {
  return { start: tokens[from]?.start ?? 0, end: tokens[to - 1]?.end ?? 0 };
}

function inHeading(tokens: readonly Token[], from: number, sections: readonly Section[]): boolean {
  const start = tokens[from]?.start ?? 0;
  const heading = sectionAt(sections, start)?.heading;
  return heading !== undefined && start < heading.end;
}

const SIDES: ReadonlyMap<string, NonNullable<TextSite['laterality']>> = new Map([
  ['left', 'left'],
  ['左', 'left'],
  ['right', 'right'],
  ['右', 'right'],
  ['bilateral', 'bilateral'],
  ['both', 'bilateral'],
  ['双', 'bilateral'],
  ['两', 'bilateral'],
]);

/** The side is taken from the site's own words or the word right before it. */
function siteOf(tokens: readonly Token[], match: PhraseMatch<Concept>): TextSite {
  const words = tokens.slice(Math.max(0, match.from - 1), match.to);
  const side = words.map(({ text }) => SIDES.get(text)).find((one) => one !== undefined);
  return { ...spanOf(tokens, match), concept: match.value, ...(side !== undefined && { laterality: side }) };
}
