import { expect, test } from 'vitest';
import { byField, issuesOf } from './use-draft-check.ts';

test('errors of the server are found at the fields that they are about', () => {
  const issues = issuesOf({
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code: 'value',
        expression: ['MedicationRequest.dosageInstruction[0].text'],
        diagnostics: 'A',
      },
      { severity: 'warning', code: 'value', expression: ['MedicationRequest.status'], diagnostics: 'no error' },
      { severity: 'error', code: 'required', details: { text: 'B' } },
      { severity: 'error', code: 'value', expression: ['MedicationRequest.statusReason'], diagnostics: 'C' },
    ],
  });
  expect(byField(issues, { dose: 'dosageInstruction', status: 'status' })).toEqual({
    errors: { dose: 'A' },
    rest: ['B', 'C'],
  });
});

test('what is no outcome has no issues', () => {
  for (const strange of [undefined, null, 'text', {}]) expect(issuesOf(strange)).toEqual([]);
});
