import { RELEASE_RULES, type ReleaseWish, type ResultClass, releaseOf, toReleasableReport } from '@meridian/clinic';
import type { Resource } from '@meridian/fhir';
import { ruleAdmits } from '@meridian/viewing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { heldRule } from './held-results.ts';

const NOW = Date.parse('2026-06-15T12:00:00Z');
const DAY = 86_400_000;
const LOINC = 'http://loinc.org';
const SECTION = 'http://terminology.hl7.org/CodeSystem/v2-0074';

const wish = fc.constantFrom<ReleaseWish>('at-once', 'by-rules', 'after-clinician');
const wishes = fc.record({
  general: wish,
  byClass: fc.dictionary(fc.constantFrom(...RELEASE_RULES.map((rule) => rule.class)), wish) as fc.Arbitrary<
    Partial<Record<ResultClass, ReleaseWish>>
  >,
  seeNow: fc.constantFrom<string[]>([], ['DiagnosticReport/r'], ['DiagnosticReport/other', 'Observation/r']),
  spoke: fc.constantFrom([], [{ report: 'DiagnosticReport/r', at: '2026-06-01T00:00:00Z', by: 'Practitioner/d' }]),
});
/** Codes of one class alone: where a report is of two, the rule is the more careful of both, and `releaseOf` of the first. */
const code = fc.constantFrom('75622-1', '22637-3', '51969-4', '24606-6', '20507-0', '58410-2');
const section = fc.constantFrom(undefined, 'LAB', 'RAD');

test('what waits is what releaseOf says waits', () => {
  fc.assert(
    fc.property(wishes, code, section, fc.integer({ min: 0, max: 20 * 24 }), (chosen, loinc, service, hours) => {
      const issued = new Date(NOW - hours * (DAY / 24)).toISOString();
      const report: Resource = {
        ...{ resourceType: 'DiagnosticReport', id: 'r', status: 'final', issued },
        code: { coding: [{ system: LOINC, code: loinc }] },
        ...(service !== undefined && { category: [{ coding: [{ system: SECTION, code: service }] }] }),
      };
      const releasable = toReleasableReport(report, []);
      if (!releasable) throw new Error('the report can be released');
      const { state } = releaseOf(releasable, RELEASE_RULES, chosen, chosen.spoke, NOW);
      const rule = heldRule(['DiagnosticReport'], chosen, NOW);
      expect(ruleAdmits(rule, { resource: report, patient: 1n, labels: 0 })).toBe(state === 'waiting');
    }),
    { numRuns: 500 },
  );
});
