import { parseSearch, SearchError } from '@meridian/fhir';
import fc from 'fast-check';
import type { LabelRules } from '../../labels.ts';
import { search } from '../../search/testing/questions.ts';
import { BASE, IDS, TYPES } from '../../search/testing/world.ts';
import type { Rule } from '../../visibility.ts';

/** Labels for codes that occur in these worlds. */
export const LABELS: LabelRules = [
  { system: 'urn:s', code: '1', mask: 1 },
  { system: 'http://codes.example/x', prefix: 'a', mask: 8 },
  { system: 'urn:s|t', mask: 256 },
];

/** A rule whose patients are still named by id. */
export type NamedRule =
  | Exclude<Rule, { kind: 'patients' | 'all' | 'any' | 'not' | 'because' }>
  | { kind: 'patients'; patients: readonly string[] }
  | { kind: 'all' | 'any'; of: readonly NamedRule[] }
  | { kind: 'not'; of: NamedRule }
  | { kind: 'because'; basis: string; rule: NamedRule };

const filter: fc.Arbitrary<NamedRule> = search.map(({ type, parameters, compartment }): NamedRule => {
  try {
    const { filters } = parseSearch([type], parameters, {
      handling: 'strict',
      baseUrl: BASE,
      now: Date.UTC(2026, 0, 1),
      ...(compartment && { compartment }),
    });
    const of = filters.map((one): NamedRule => ({ kind: 'filter', types: [type], filter: one }));
    return { kind: 'all', of };
  } catch (error) {
    if (!(error instanceof SearchError)) throw error;
    return { kind: 'never' };
  }
});

const leaf: fc.Arbitrary<NamedRule> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom<NamedRule>({ kind: 'always' }, { kind: 'never' }) },
  { weight: 1, arbitrary: fc.constant<NamedRule>({ kind: 'nobody' }) },
  {
    weight: 3,
    arbitrary: fc.subarray([...IDS, 'nowhere']).map((patients): NamedRule => ({ kind: 'patients', patients })),
  },
  { weight: 3, arbitrary: fc.subarray([...TYPES]).map((types): NamedRule => ({ kind: 'types', types })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0, 1, 8, 9, 256, 256, 257).map((mask): NamedRule => ({ kind: 'labels', mask })),
  },
  { weight: 5, arbitrary: filter },
);

/** Any rule over the worlds of the search tests; most of them admit some and hide some. */
export const rule: fc.Arbitrary<NamedRule> = fc.letrec<{ rule: NamedRule }>((tie) => ({
  rule: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: leaf },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('all' as const, 'any' as const), fc.array(tie('rule'), { maxLength: 3 }))
        .map(([kind, of]): NamedRule => ({ kind, of })),
    },
    { weight: 1, arbitrary: tie('rule').map((of): NamedRule => ({ kind: 'not', of })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('care', 'consent'), tie('rule'))
        .map(([basis, inner]): NamedRule => ({ kind: 'because', basis, rule: inner })),
    },
  ),
})).rule;

/** The rule with the numbers of its patients. */
export function numbered(rule: NamedRule, numberOf: (patientId: string) => bigint): Rule {
  switch (rule.kind) {
    case 'patients':
      return { kind: 'patients', patients: rule.patients.map(numberOf) };
    case 'all':
    case 'any':
      return { kind: rule.kind, of: rule.of.map((part) => numbered(part, numberOf)) };
    case 'not':
      return { kind: 'not', of: numbered(rule.of, numberOf) };
    case 'because':
      return { kind: 'because', basis: rule.basis, rule: numbered(rule.rule, numberOf) };
    default:
      return rule;
  }
}
