import { hasErrors, validate } from '@meridian/fhir';
import { describe, expect, it } from 'vitest';
import {
  type AttributedInterpretation,
  AttributionError,
  addInterpretation,
  compareInterpretations,
  currentInterpretations,
  fromClinicalImpression,
  type ReadFinding,
  toClinicalImpression,
  toProvenance,
} from './attributed.ts';

const finding = (code: string, presence: ReadFinding['presence']): ReadFinding => ({
  code: { system: 'http://snomed.info/sct', code },
  presence,
});
const reading = (
  id: string,
  reader: string,
  findings: readonly ReadFinding[],
  more = {},
): AttributedInterpretation => ({
  id,
  report: 'DiagnosticReport/1',
  patient: 'Patient/1',
  reader: { reference: reader, display: 'Dr Chan', qualification: 'FHKCR' },
  at: '2026-06-01T08:00:00Z',
  summary: 'Read with the earlier films.',
  findings,
  ...more,
});
const first = reading('a', 'Practitioner/1', [
  finding('1', 'present'),
  finding('2', 'absent'),
  finding('3', 'uncertain'),
]);
const second = reading('b', 'Practitioner/2', [
  finding('1', 'absent'),
  finding('2', 'absent'),
  finding('3', 'present'),
  finding('4', 'present'),
]);

describe('attributed interpretations', () => {
  it('stand side by side; a reader supersedes only the own newest one', () => {
    const both = addInterpretation(addInterpretation([], first), second);
    const again = reading('c', 'Practitioner/1', [], { supersedes: 'a', at: '2026-06-02T08:00:00Z' });
    const three = addInterpretation(both, again);
    expect(three).toHaveLength(3);
    expect(currentInterpretations(three).map((one) => one.id)).toEqual(['b', 'c']);
    const forbidden = [
      reading('a', 'Practitioner/1', []),
      reading('d', 'Practitioner/2', [], { supersedes: 'c', at: '2026-06-03T08:00:00Z' }),
      reading('d', 'Practitioner/1', [], { supersedes: 'a', at: '2026-06-03T08:00:00Z' }),
      reading('d', 'Practitioner/1', [], { supersedes: 'c', at: '2026-06-01T08:00:00Z' }),
      reading('d', 'Practitioner/1', [], { supersedes: 'none' }),
      reading('d', 'Practitioner/1', [], { report: 'DiagnosticReport/2' }),
      reading('d', 'Practitioner/1', [], { summary: 'x'.repeat(20_001) }),
    ];
    for (const one of forbidden) expect(() => addInterpretation(three, one)).toThrow(AttributionError);
  });

  it('are compared finding by finding, disagreements first', () => {
    const comparison = compareInterpretations([first, second]);
    expect(comparison.findings.map((one) => [one.code.code, one.verdict])).toEqual([
      ['1', 'disagree'],
      ['3', 'partly'],
      ['4', 'single'],
      ['2', 'agree'],
    ]);
    expect(comparison).toMatchObject({ agreed: 1, disagreed: 1 });
    expect(comparison.findings[2]?.readings[0]).toBeUndefined();
  });

  it('go to FHIR and come back', () => {
    const superseding = reading('c', 'Practitioner/1', [{ ...finding('1', 'present'), basis: '7 mm' }], {
      supersedes: 'a',
    });
    for (const one of [first, second, superseding]) {
      expect(hasErrors(validate(toClinicalImpression(one)))).toBe(false);
      expect(fromClinicalImpression(toClinicalImpression(one))).toEqual(one);
    }
    expect(fromClinicalImpression({ resourceType: 'ClinicalImpression', id: 'x' })).toBeUndefined();
  });

  it('are signed by a Provenance on the exact version', () => {
    const signature = {
      type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
      when: '2026-06-01T08:00:00Z',
      who: { reference: 'Practitioner/1' },
    };
    const provenance = toProvenance(first, '3', signature);
    expect(validate(provenance).filter((issue) => issue.severity === 'error')).toEqual([]);
    expect(provenance.target).toEqual([{ reference: 'ClinicalImpression/a/_history/3' }]);
  });
});
