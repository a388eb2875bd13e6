import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONCEPTS } from '../lexicon.ts';
import { type LabelledSentence, readLabelled } from './labelled-sentence.ts';
import { ratios, SCORED, score } from './score.ts';

const DOCS = new URL('../../../../../docs/clinic.md', import.meta.url);
const START =
  '<!-- free text: written by UPDATE_DOCS=1 npx vitest run packages/clinic/src/text/scoring/labelled.test.ts -->';
const END = '<!-- end of free text -->';

const read = (language: string) =>
  readLabelled(readFileSync(new URL(`../../../data/text/labelled/${language}.txt`, import.meta.url), 'utf8'));
const sets = { English: read('en'), Chinese: read('zh') };

describe('the labelled sentences', () => {
  it.each(Object.entries(sets))('are 150 or more in %s, about half of them held out', (_, sentences) => {
    expect(sentences.length).toBeGreaterThanOrEqual(150);
    expect(new Set(sentences.map(({ text }) => text)).size).toBe(sentences.length);
    const share = sentences.filter(({ heldOut }) => heldOut).length / sentences.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });

  it('are scored strictly: a wrong concept, attribute or value is both missed and extra', () => {
    const [wrong] = readLabelled('No [fever|cough] today. ## =8mm:p >visit');
    const { scores } = score(wrong ? [wrong] : []);
    expect(scores.concept).toEqual({ hits: 0, extra: 1, missed: 1 });
    expect(scores.negated).toEqual({ hits: 0, extra: 1, missed: 0 });
    expect(scores.measurement).toEqual({ hits: 0, extra: 0, missed: 1 });
    expect(ratios(scores.concept)).toEqual({ precision: 0, recall: 0, f1: 0 });
    expect(ratios({ hits: 0, extra: 0, missed: 0 })).toEqual({});
  });

  it('are scored as docs/clinic.md says', () => {
    const text = readFileSync(DOCS, 'utf8');
    const [start, end] = [text.indexOf(START), text.indexOf(END)];
    expect(start, 'the marker before the figures').toBeGreaterThan(0);
    expect(end, 'the marker after the figures').toBeGreaterThan(start);
    const written = `${text.slice(0, start + START.length)}\n\n${figures()}\n\n${text.slice(end)}`;
    if (process.env.UPDATE_DOCS === '1') writeFileSync(DOCS, written);
    else expect(text, 'run it with UPDATE_DOCS=1 after changing rules or words').toBe(written);
  });
});

function figures(): string {
  const rows = Object.entries(sets).map(([language, sentences]) => table(language, sentences));
  return rows.join('\n\n');
}

function table(language: string, sentences: readonly LabelledSentence[]): string {
  const held = sentences.filter(({ heldOut }) => heldOut);
  const development = sentences.filter(({ heldOut }) => !heldOut);
  const [heldScores, developmentScores] = [score(held).scores, score(development).scores];
  const unknown = held.flatMap(({ findings }) => findings).filter(({ concept }) => !CONCEPTS.has(concept)).length;
  const rows = SCORED.map((kind) => {
    const { hits, extra, missed } = heldScores[kind];
    const { precision, recall, f1 } = ratios(heldScores[kind]);
    const cells = [
      hits + missed,
      hits,
      extra,
      missed,
      shown(precision),
      shown(recall),
      shown(f1),
      shown(ratios(developmentScores[kind]).f1),
    ];
    return `| ${[kind, ...cells].join(' | ')} |`;
  });
  return [
    `${language}: ${held.length} sentences held out of ${sentences.length}; ${unknown} of their findings are not in the lexicon.`,
    '',
    '| held out | labelled | right | extra | missed | precision | recall | F1 | F1, development |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function shown(ratio: number | undefined): string {
  return ratio === undefined ? '–' : ratio.toFixed(3);
}
