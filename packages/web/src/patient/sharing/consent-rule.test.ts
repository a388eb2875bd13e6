import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ConsentRule, consentOf, isInForce, MATTERS, PARTS, type Part, PURPOSES, ruleOf } from './consent-rule.ts';

const GIVEN = { patientId: 'p1', performer: 'Patient/p1', base: 'https://x.example/fhir', now: '2026-11-23T10:00:00Z' };

const day = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
const rules: fc.Arbitrary<ConsentRule> = fc.record({
  effect: fc.constantFrom('permit', 'deny'),
  recipient: fc.oneof(
    fc.constant({ kind: 'caring' as const }),
    fc.record({ kind: fc.constant('role' as const), role: fc.constantFrom('nurse', 'tcm-practitioner') }),
    fc.record({
      kind: fc.constant('named' as const),
      reference: fc.constantFrom('Practitioner/1', 'Organization/a-b'),
      name: fc.constantFrom('', 'Dr WONG 黃'),
    }),
  ),
  subject: fc.oneof(
    fc.constant({ kind: 'everything' as const }),
    some(Object.keys(PARTS) as Part[]).map((parts) => ({ kind: 'parts' as const, parts })),
    some(MATTERS).map((matters) => ({ kind: 'matters' as const, matters })),
  ),
  purpose: fc.constantFrom(...PURPOSES),
  from: fc.option(day, { nil: undefined }),
  until: fc.option(day, { nil: undefined }),
});

test('a sentence and its Consent say the same', () => {
  fc.assert(
    fc.property(rules, (rule) => {
      expect(ruleOf(consentOf(rule, GIVEN))).toEqual(rule);
    }),
  );
});

test('a Consent that says more than a sentence can is not put into one', () => {
  const consent = consentOf(
    {
      effect: 'permit',
      recipient: { kind: 'caring' },
      subject: { kind: 'everything' },
      purpose: 'any',
      from: undefined,
      until: undefined,
    },
    GIVEN,
  );
  const { provision = {} } = consent;
  for (const more of [
    { provision: [{ type: 'deny' as const }] },
    { dataPeriod: { start: '2020' } },
    { class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }] },
    { actor: [...(provision.actor ?? []), ...(provision.actor ?? [])] },
    { purpose: [{ code: 'HPAYMT' }] },
    { action: [{ coding: [{ code: 'correct' }] }] },
  ]) {
    expect(ruleOf({ ...consent, provision: { ...provision, ...more } })).toBeUndefined();
  }
});

test('a consent holds to the end of its last day', () => {
  const consent = consentOf(
    {
      effect: 'permit',
      recipient: { kind: 'caring' },
      subject: { kind: 'everything' },
      purpose: 'any',
      from: undefined,
      until: '2026-11-23',
    },
    GIVEN,
  );
  expect(isInForce(consent, Date.parse('2026-11-23T23:00:00Z'))).toBe(true);
  expect(isInForce(consent, Date.parse('2026-11-24T00:00:00Z'))).toBe(false);
  expect(isInForce({ ...consent, status: 'inactive' }, Date.parse('2026-11-23T10:00:00Z'))).toBe(false);
});
