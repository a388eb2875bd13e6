import { hasErrors, validate } from '@meridian/fhir';
import { describe, expect, it } from 'vitest';
import { readReport } from './read-report.ts';
import { TEXT_EXTENSION, toFhir } from './to-fhir.ts';

const text =
  'Nodule 12 x 8 mm (previously 8 mm). No effusion. ?pneumonia. History of asthma. Mother had breast cancer. ' +
  'Return if fever. Recommend CT chest in 3 to 6 months. 舌淡紅，脈弦。';
let count = 0;
const resources = toFhir(readReport(text), {
  patient: 'Patient/1',
  report: 'DiagnosticReport/2',
  at: '2026-03-01T09:00:00+08:00',
  reportDate: '2026-08-31',
  newId: () => `id-${++count}`,
});

describe('proposals from a report', () => {
  it('are valid FHIR and none is final', () => {
    for (const resource of resources) expect(validate(resource).filter((issue) => hasErrors([issue]))).toEqual([]);
    expect(resources.map(({ resourceType, status, intent }) => [resourceType, status, intent])).toEqual([
      ['ClinicalImpression', 'in-progress', undefined],
      ['FamilyMemberHistory', 'partial', undefined],
      ['Task', 'draft', 'proposal'],
      ['Task', 'draft', 'proposal'],
    ]);
  });

  it('carry the characters that they rest on', () => {
    const found =
      JSON.stringify(resources).match(/"start","valueUnsignedInt":(\d+)\},\{"url":"end","valueUnsignedInt":(\d+)/g) ??
      [];
    const words = found.map((one) => {
      const [start, end] = (one.match(/\d+/g) ?? []).map(Number);
      return text.slice(start, end);
    });
    expect(words).toEqual([
      ...['Nodule', 'effusion', 'pneumonia', 'asthma', '12 x 8 mm', '8 mm', '淡紅', '弦', 'breast cancer'],
      ...['Return if fever.', 'Recommend CT chest in 3 to 6 months.'],
    ]);
  });

  it('say absent, uncertain and past as the report does, and nothing of what is only watched for', () => {
    const finding = resources[0]?.finding as {
      extension: Record<string, unknown>[];
      itemCodeableConcept: { text: string };
    }[];
    const of = (words: string) => finding.find((one) => one.itemCodeableConcept.text === words)?.extension;
    expect(of('effusion')).toContainEqual({ url: TEXT_EXTENSION.presence, valueCode: 'absent' });
    expect(of('pneumonia')).toContainEqual({ url: TEXT_EXTENSION.presence, valueCode: 'uncertain' });
    expect(of('asthma')).toContainEqual({ url: TEXT_EXTENSION.historical, valueBoolean: true });
    expect(of('8 mm')).toContainEqual({ url: TEXT_EXTENSION.prior, valueBoolean: true });
    expect(of('fever')).toBeUndefined();
    expect(of('breast cancer')).toBeUndefined();
  });

  it('give a recommendation its time from the day of the report, to the end of a shorter month', () => {
    expect(resources[3]?.restriction).toEqual({ period: { start: '2026-11-30', end: '2027-02-28' } });
    expect(resources[2]?.restriction).toBeUndefined();
  });

  it('take no dose for a finding', () => {
    const doses = readReport('處方：黃芪15克。\nMEDICATIONS: aspirin 80 mg');
    expect(doses.measurements.length).toBe(2);
    const [impression, ...others] = toFhir(doses, { patient: 'Patient/1', report: 'x', at: '', newId: () => '' });
    expect(impression?.finding).toHaveLength(1);
    expect(others).toEqual([]);
  });

  it('are none where nothing was found', () => {
    expect(toFhir(readReport('Normal.'), { patient: 'Patient/1', report: 'x', at: '', newId: () => '' })).toEqual([]);
  });
});
