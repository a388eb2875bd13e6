import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONCEPT_NAMES } from './lexicon.ts';
import { LONGEST_TEXT, type ReadReport, readReport } from './read-report.ts';
import { readLabelled } from './scoring/labelled-sentence.ts';
import { type Span, TextTooLongError } from './span.ts';
import { tokenize } from './tokens.ts';

const labelled = ['en', 'zh'].flatMap((language) =>
  readLabelled(readFileSync(new URL(`../../data/text/labelled/${language}.txt`, import.meta.url), 'utf8')),
);

/** Sentences of reports put together at random, with noise between them. */
const texts = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...labelled.map(({ text }) => text)) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '\n',
          '\n\n',
          ' ',
          '。',
          '，',
          '?',
          '(-)',
          '既往史：',
          'FAMILY HISTORY:\n',
          '無',
          'no',
          'constructor lung tongue',
          '😀',
        ),
      },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(' '));

describe('a report that is read', () => {
  it('says nothing that does not stand at the characters it points at', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const report = readReport(text);
        const at = ({ start, end }: Span) => text.slice(start, end);
        for (const { start, end } of spansOf(report)) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
        }
        for (const { laterality = 'left' } of report.sites)
          expect(['left', 'right', 'bilateral']).toContain(laterality);
        for (const finding of [...report.findings, ...report.sites]) {
          const tokens = tokenize(at(finding));
          const named = CONCEPT_NAMES.at(tokens, 0);
          expect(named?.to).toBe(tokens.length);
          expect(named?.values).toContain(finding.concept);
        }
        for (const measurement of report.measurements) {
          const stated = at(measurement)
            .match(/\d+(?:\.\d+)?/g)
            ?.map(Number);
          expect(stated).toEqual(measurement.values);
        }
        for (const one of report.dates) {
          const year = one.date.slice(0, 4);
          expect(at(one)).toContain(year);
        }
        for (const { what, when, ...whole } of report.followUps) {
          for (const part of [what, ...(when ? [when] : [])]) {
            expect(part.start).toBeGreaterThanOrEqual(whole.start);
            expect(part.end).toBeLessThanOrEqual(whole.end);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('reads any text, and says the same of it in either Chinese script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(readReport(text).text).toBe(text);
      }),
    );
    const hant = summary('否認發熱、咳嗽，既往有糖尿病，不排除肺結核。左腎結石8毫米。');
    expect(summary('否认发热、咳嗽，既往有糖尿病，不排除肺结核。左肾结石8毫米。')).toEqual(hant);
    expect(hant).toEqual(['fever -', 'cough -', 'diabetes h', 'tuberculosis ?', 'kidney-stone +']);
  });

  it('reads a mixed report part by part', () => {
    const report = readReport(`INDICATION: cough
FAMILY HISTORY:
Colon cancer
PAST HISTORY: asthma
FINDINGS:
Small effusion that is layering
without pneumothorax. 未見 pneumonia。
【診斷】肺氣腫`);
    expect(report.sections.map(({ kind }) => kind)).toEqual([
      'indication',
      'family-history',
      'past-history',
      'findings',
      'impression',
    ]);
    expect(report.findings.map(({ concept, section }) => [concept.id, section])).toEqual([
      ['cough', 'indication'],
      ['colon-cancer', 'family-history'],
      ['asthma', 'past-history'],
      ['effusion', 'findings'],
      ['pneumothorax', 'findings'],
      ['pneumonia', 'findings'],
      ['emphysema', 'impression'],
    ]);
    expect(report.findings.map(({ experiencer, temporality, negated }) => [experiencer, temporality, negated])).toEqual(
      [
        ['patient', 'current', false],
        ['family', 'current', false],
        ['patient', 'historical', false],
        ['patient', 'current', false],
        ['patient', 'current', true],
        ['patient', 'current', true],
        ['patient', 'current', false],
      ],
    );
  });

  it('takes hostile texts in time that grows with their length, and refuses longer ones', () => {
    const full = (part: string) => part.repeat(Math.floor(LONGEST_TEXT / part.length));
    for (const part of [
      'no ',
      '無',
      '1 x ',
      '1.',
      '建議，',
      '\ncc: fever',
      '舌',
      '? ',
      '肺炎可能',
      '1/1/2020 ',
      ' ',
      '\n',
      '(',
    ]) {
      const before = process.cpuUsage();
      expect(readReport(full(part)).text.length).toBeGreaterThan(0);
      // ten seconds of the processor for 60 pages of nonsense is no figure, only the mark of quadratic cost
      expect(process.cpuUsage(before).user / 1e6, JSON.stringify(part)).toBeLessThan(10);
    }
    expect(() => readReport('x'.repeat(LONGEST_TEXT + 1))).toThrow(TextTooLongError);
  }, 120_000);
});

function summary(text: string): string[] {
  return readReport(text).findings.map(({ concept, negated, uncertain, temporality }) => {
    const mark = negated ? '-' : uncertain ? '?' : temporality === 'historical' ? 'h' : '+';
    return `${concept.id} ${mark}`;
  });
}

function spansOf(report: ReadReport): Span[] {
  const { sections, findings, sites, measurements, dates, followUps, chineseMedicine } = report;
  return [
    ...sections.map(({ heading }) => heading),
    ...findings,
    ...findings.flatMap(({ because }) => because),
    ...sites,
    ...measurements,
    ...dates,
    ...followUps.flatMap((one) => [one, one.what, ...(one.when ? [one.when] : [])]),
    ...chineseMedicine,
  ];
}
