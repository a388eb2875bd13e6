import { expect, test } from 'vitest';
import { findingInWords, readingParameters, readingsOf } from './readings.ts';

const NODULE = { system: 'http://snomed.info/sct', code: '786838002', display: 'Nodule of lung' };

test('readings stand side by side with who sees what', () => {
  const impression = (id: string, display: string, summary: string) => ({
    name: 'interpretation',
    part: [
      {
        name: 'resource',
        resource: {
          resourceType: 'ClinicalImpression' as const,
          id,
          status: 'completed' as const,
          subject: { reference: 'Patient/p' },
          assessor: { display },
          summary,
          date: '2026-11-01T10:00:00Z',
        },
      },
      { name: 'current', valueBoolean: id !== 'old' },
    ],
  });
  const reading = (display: string, valueCode: string) => ({
    name: 'reading',
    part: [
      { name: 'reader', valueReference: { display } },
      { name: 'presence', valueCode },
    ],
  });
  const { readings, findings } = readingsOf({
    resourceType: 'Parameters',
    parameter: [
      impression('old', 'Wong', 'First thought.'),
      impression('a', 'Wong', 'A nodule.'),
      impression('b', 'Lee', 'I see none.'),
      {
        name: 'finding',
        part: [
          { name: 'code', valueCoding: NODULE },
          { name: 'verdict', valueCode: 'disagree' },
          reading('Wong', 'present'),
          reading('Lee', 'absent'),
        ],
      },
    ],
  });
  expect(readings.map(({ reader, current }) => [reader, current])).toEqual([
    ['Wong', false],
    ['Wong', true],
    ['Lee', true],
  ]);
  expect(findings).toEqual([
    {
      code: NODULE,
      verdict: 'disagree',
      readings: [
        { reader: 'Wong', presence: 'present' },
        { reader: 'Lee', presence: 'absent' },
      ],
    },
  ]);
});

test('a finding in words is the same finding however it is spaced and cased', () => {
  expect(findingInWords('  Small  Nodule ').code).toBe(findingInWords('small nodule').code);
  const { parameter } = readingParameters('x', [{ code: findingInWords('Nodule'), presence: 'absent' }], undefined);
  expect(parameter?.map(({ name }) => name)).toEqual(['summary', 'finding']);
});
