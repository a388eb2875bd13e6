import { readReport } from '../read-report.ts';
import { overlaps } from '../span.ts';
import type { LabelledSentence } from './labelled-sentence.ts';

/** How often a kind of fact was found where it is (hits), where it is not (extra), and not found (missed). */
export interface Score {
  hits: number;
  extra: number;
  missed: number;
}

export const SCORED = [
  'concept',
  'negated',
  'uncertain',
  'historical',
  'hypothetical',
  'family',
  'measurement',
  'follow-up',
  'Chinese medicine',
] as const;

export type Scored = (typeof SCORED)[number];

/** What was wrong with one sentence. */
export interface Mistake {
  text: string;
  kind: Scored;
  extra: string[];
  missed: string[];
}

/** A fact as it is compared: what it is and, for findings, where it begins. */
type Facts = Record<Scored, string[]>;

/**
 * Scores sentences. A finding counts when its concept is right and its characters overlap the labelled ones; an attribute counts
 * only on such a finding, so that a finding that was missed misses its attributes too. Measurements count with values, unit and
 * whether they are of an earlier examination, recommendations with kind and time.
 */
export function score(sentences: readonly LabelledSentence[]): { scores: Record<Scored, Score>; mistakes: Mistake[] } {
  const scores = Object.fromEntries(SCORED.map((kind) => [kind, { hits: 0, extra: 0, missed: 0 }])) as Record<
    Scored,
    Score
  >;
  const mistakes: Mistake[] = [];
  for (const sentence of sentences) {
    const [wanted, found] = [labelledFacts(sentence), foundFacts(sentence)];
    for (const kind of SCORED) {
      const missed = without(wanted[kind], found[kind]);
      const extra = without(found[kind], wanted[kind]);
      scores[kind].missed += missed.length;
      scores[kind].extra += extra.length;
      scores[kind].hits += wanted[kind].length - missed.length;
      if (missed.length + extra.length > 0) mistakes.push({ text: sentence.text, kind, extra, missed });
    }
  }
  return { scores, mistakes };
}

/** Precision, recall and their harmonic mean; undefined where there was nothing to find or nothing found. */
export function ratios({ hits, extra, missed }: Score): { precision?: number; recall?: number; f1?: number } {
  const precision = hits + extra > 0 ? hits / (hits + extra) : undefined;
  const recall = hits + missed > 0 ? hits / (hits + missed) : undefined;
  const f1 = hits + extra + missed > 0 ? (2 * hits) / (2 * hits + extra + missed) : undefined;
  return {
    ...(precision !== undefined && { precision }),
    ...(recall !== undefined && { recall }),
    ...(f1 !== undefined && { f1 }),
  };
}

interface Attributed {
  negated: boolean;
  uncertain: boolean;
  temporality: string;
  experiencer: string;
}

function findingFacts(
  findings: readonly (Attributed & { key: string })[],
): Pick<Facts, 'concept' | 'negated' | 'uncertain' | 'historical' | 'hypothetical' | 'family'> {
  const where = (holds: (one: Attributed) => boolean) => findings.filter(holds).map(({ key }) => key);
  return {
    concept: findings.map(({ key }) => key),
    negated: where((one) => one.negated),
    uncertain: where((one) => one.uncertain),
    historical: where((one) => one.temporality === 'historical'),
    hypothetical: where((one) => one.temporality === 'hypothetical'),
    family: where((one) => one.experiencer === 'family'),
  };
}

function labelledFacts(sentence: LabelledSentence): Facts {
  const findings = sentence.findings.map((one) => ({ ...one, key: `${one.concept}@${one.start}` }));
  return {
    ...findingFacts(findings),
    measurement: sentence.measurements.map(normalMeasurement),
    'follow-up': sentence.followUps,
    'Chinese medicine': sentence.chineseMedicine,
  };
}

function foundFacts(sentence: LabelledSentence): Facts {
  const report = readReport(sentence.text);
  const findings = report.findings.map((one) => {
    const label = sentence.findings.find((other) => other.concept === one.concept.id && overlaps(other, one));
    return { ...one, key: `${one.concept.id}@${label?.start ?? `${one.start} not labelled`}` };
  });
  return {
    ...findingFacts(findings),
    measurement: report.measurements.map(({ values, form, unit, prior }) => {
      const joined = values.join(form === 'range' ? '-' : form === 'blood-pressure' ? '/' : 'x');
      return `${joined}${unit}${prior ? ':p' : ''}`;
    }),
    'follow-up': report.followUps.map(({ kind, when }) => (when ? `${kind}:${timeOf(when)}` : kind)),
    'Chinese medicine': report.chineseMedicine.map(
      ({ kind, coding, negated }) => `${kind}:${coding.code}${negated ? '!' : ''}`,
    ),
  };
}

function timeOf({ low, high, unit }: { low: number; high: number; unit: string }): string {
  return low === high ? `${low}${unit}` : `${low}-${high}${unit}`;
}

/** Numbers as JavaScript writes them: 4.0 is 4. */
function normalMeasurement(label: string): string {
  return label.replace(/\d+(?:\.\d+)?/g, (number) => String(Number(number)));
}

/** What is in `all` more often than in `others`. */
function without(all: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return all.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
