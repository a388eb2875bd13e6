import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RELEASE_RULES, type ReleasableReport, type ResultClass, releaseOf } from './release.ts';
import { resultClassOf, toReleasableReport } from './release-class.ts';

const ISSUED = '2026-06-01T08:00:00Z';
const day = (n: number) => Date.parse(ISSUED) + n * 86_400_000;
const report = (resultClass: ResultClass, status: ReleasableReport['status'] = 'final'): ReleasableReport => ({
  id: 'DiagnosticReport/1',
  class: resultClass,
  status,
  issued: ISSUED,
});
const spoke = [{ report: 'DiagnosticReport/1', at: '2026-06-02T08:00:00Z', by: 'Practitioner/1' }];

describe('releaseOf', () => {
  it('releases routine results at once and cancer pathology after seven days', () => {
    expect(releaseOf(report('routine'), RELEASE_RULES, {}, [], day(0)).state).toBe('released');
    const waiting = releaseOf(report('cancer-pathology'), RELEASE_RULES, {}, [], day(6.9));
    expect(waiting).toMatchObject({
      state: 'waiting',
      reason: 'rule',
      opens: '2026-06-08T08:00:00.000Z',
      maySeeNow: true,
    });
    expect(releaseOf(report('cancer-pathology'), RELEASE_RULES, {}, [], day(7)).state).toBe('released');
  });

  it('opens when the clinician has spoken, and not before', () => {
    expect(releaseOf(report('genetics'), RELEASE_RULES, {}, spoke, day(0.5)).state).toBe('waiting');
    expect(releaseOf(report('genetics'), RELEASE_RULES, {}, spoke, day(1)).reason).toBe('clinician-spoke');
    const other = [{ ...spoke[0]!, report: 'DiagnosticReport/2' }];
    expect(releaseOf(report('genetics'), RELEASE_RULES, {}, other, day(1)).state).toBe('waiting');
  });

  it("follows the patient's wish, by class before in general", () => {
    const wish = { general: 'after-clinician', byClass: { hiv: 'at-once' } } as const;
    expect(releaseOf(report('hiv'), RELEASE_RULES, wish, [], day(0)).reason).toBe('patient-wish');
    expect(releaseOf(report('routine'), RELEASE_RULES, wish, [], day(30))).toMatchObject({
      state: 'waiting',
      reason: 'patient-wish',
      maySeeNow: true,
    });
  });

  it('shows nothing that is not final', () => {
    expect(releaseOf(report('routine', 'preliminary'), RELEASE_RULES, {}, [], day(9)).state).toBe('not-ready');
    expect(releaseOf(report('routine', 'entered-in-error'), RELEASE_RULES, {}, [], day(9)).state).toBe('not-ready');
    expect(releaseOf(report('routine'), RELEASE_RULES, {}, [], day(-1)).state).toBe('not-ready');
  });

  it('always lets the patient see a final report now', () => {
    const classes = RELEASE_RULES.map((rule) => rule.class);
    fc.assert(
      fc.property(
        fc.constantFrom(...classes),
        fc.constantFrom('at-once', 'by-rules', 'after-clinician'),
        fc.double({ min: 0, max: 400, noNaN: true }),
        (resultClass, general, days) => {
          const closed = releaseOf(report(resultClass), RELEASE_RULES, { general }, [], day(days));
          if (closed.state === 'waiting') expect(closed.maySeeNow).toBe(true);
          const asked = { general, seeNow: ['DiagnosticReport/1'] };
          expect(releaseOf(report(resultClass), RELEASE_RULES, asked, [], day(days)).state).toBe('released');
          const rules = [{ class: resultClass, days: 10_000, source: 'too long' }];
          if (days >= 40) expect(releaseOf(report(resultClass), rules, {}, [], day(days)).state).toBe('released');
        },
      ),
    );
  });
});

describe('resultClassOf', () => {
  const loinc = (code: string) => ({ system: 'http://loinc.org', code });

  it('knows sensitive tests by code and by section, and takes the most careful', () => {
    expect(resultClassOf([loinc('718-7')])).toBe('routine');
    expect(resultClassOf([loinc('2857-1')])).toBe('tumour-marker');
    expect(resultClassOf([loinc('2857-1'), loinc('75622-1')])).toBe('hiv');
    expect(resultClassOf([{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'GE' }])).toBe('genetics');
    expect(resultClassOf([{ system: 'urn:other', code: '75622-1' }])).toBe('routine');
  });

  it('reads a DiagnosticReport with its results', () => {
    const resource = {
      resourceType: 'DiagnosticReport',
      id: '1',
      status: 'final',
      issued: ISSUED,
      code: { coding: [loinc('58410-2')] },
    };
    const hiv = { resourceType: 'Observation', code: { coding: [loinc('7918-6')] } };
    expect(toReleasableReport(resource, [hiv])).toEqual(report('hiv'));
    expect(toReleasableReport({ ...resource, status: 'odd' }, [])).toBeUndefined();
  });
});
