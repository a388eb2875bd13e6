import type { MedicationRequest, Parameters } from 'fhir/r4';
import { expect, test } from 'vitest';
import { findingsOf } from './findings.ts';
import { overriding } from './overrides.ts';

const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';
const translated = (lang: string, content: string) => ({
  url: TRANSLATION,
  extension: [
    { url: 'lang', valueCode: lang },
    { url: 'content', valueString: content },
  ],
});

const ANSWER: Parameters = {
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'finding',
      part: [
        { name: 'key', valueString: 'interaction|warfarin|danshen' },
        { name: 'severity', valueCode: 'serious' },
        { name: 'interrupts', valueBoolean: true },
        {
          name: 'text',
          valueString: 'Bleeding',
          _valueString: { extension: [translated('zh-Hant', '出血'), translated('zh-Hans', '出血')] },
        },
        { name: 'source', valueString: 'A trial' },
      ],
    },
    {
      name: 'finding',
      part: [
        { name: 'key', valueString: 'k2' },
        { name: 'severity', valueCode: 'new-grade' },
      ],
    },
  ],
};

test('findings are read with their words in three languages', () => {
  const [finding, strange] = findingsOf(ANSWER);
  expect(finding).toMatchObject({ severity: 'serious', interrupts: true, sources: ['A trial'] });
  expect(finding?.text).toEqual({ en: 'Bleeding', 'zh-Hant': '出血', 'zh-Hans': '出血' });
  // a severity that is not understood must not be shown as harmless
  expect(strange?.severity).toBe('serious');
});

test('an override names the finding and the reason, and only findings that stop', () => {
  const order: MedicationRequest = {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/1' },
  };
  const by = { reference: 'Practitioner/1', display: 'Dr' };
  let count = 0;
  const newId = (): string => `00000000-0000-4000-8000-00000000000${++count}`;
  const bundle = overriding(
    order,
    findingsOf(ANSWER),
    { reason: 'will-monitor', words: 'INR weekly' },
    { by, at: '2026-01-01T00:00:00Z', newId },
  );
  expect(bundle.entry?.length).toBe(2);
  const [first, issue] = bundle.entry ?? [];
  expect(first?.resource).toMatchObject({ detectedIssue: [{ reference: issue?.fullUrl }] });
  expect(issue?.resource).toMatchObject({
    identifier: [{ value: 'interaction|warfarin|danshen' }],
    mitigation: [{ action: { coding: [{ code: 'will-monitor' }], text: 'INR weekly' }, author: by }],
  });
});
