import { type LabelRules, labelsOf, type Rule } from '@meridian/records';
import { purposeOf } from '../decision/purposes.ts';
import type { Evidence } from '../evidence.ts';
import { reasons } from '../rules/evaluate.ts';
import type { Viewer } from '../viewer.ts';
import type { Visibilities } from '../visibility/visibility.ts';

/** What somebody wants to know whether they may see it. */
export interface MayQuestion {
  type: string;
  /** One record; without it, records of the type. */
  id?: string;
  /** Logical id of the Patient in whose record it is. */
  patientId: string;
}

export type Remedy = 'ask-for-approval' | 'break-glass' | 'other-purpose' | 'patient-can-consent';

/** The answer of `$may`. */
export interface MayAnswer {
  allowed: boolean;
  /** Whether it holds for records of the type in general, or some of them only (labels, consents, scopes). */
  all: boolean;
  /** Policies, consents and care by which it is allowed; empty where it is not. */
  because: readonly string[];
  /** What could change the answer. */
  remedies: readonly Remedy[];
}

const BREAKERS = ['western-practitioner', 'tcm-practitioner', 'nurse', 'pharmacist'];
const CARERS = [...BREAKERS, 'laboratory'];

/**
 * Whether a viewer may see something, by what, and what would change it.
 *
 * A refusal says the same whether the record is hidden or absent, and whether a consent forbids it or nothing allows it:
 * that somebody said No, or that there is something to hide, is itself something to know.
 */
export async function explain(
  visibilities: Visibilities,
  evidence: Evidence,
  viewer: Viewer,
  question: MayQuestion,
  labelRules: LabelRules,
): Promise<MayAnswer> {
  const patient = evidence.patientNumber(question.patientId);
  const rule = await visibilities.for(viewer).ruleFor({ types: [question.type], patient });
  const record = question.id === undefined ? undefined : await evidence.read(question.type, question.id);
  const because =
    question.id === undefined
      ? basesOf(rule)
      : record === undefined
        ? undefined
        : reasons(rule, { resource: record, patient, labels: labelsOf(record, labelRules) });
  if (because === undefined || because.length === 0) {
    return { allowed: false, all: false, because: [], remedies: remediesFor(viewer) };
  }
  const all = question.id !== undefined || !isPartial(rule);
  return { allowed: true, all, because, remedies: all ? [] : remediesFor(viewer) };
}

function remediesFor(viewer: Viewer): Remedy[] {
  const has = (roles: readonly string[]): boolean => viewer.roles.some((role) => roles.includes(role));
  if (viewer.roles.includes('administrator')) return [];
  const purpose = purposeOf(viewer.purpose);
  return [
    ...(has(CARERS) ? (['ask-for-approval'] as const) : []),
    ...(has(BREAKERS) ? (['break-glass'] as const) : []),
    ...(has(CARERS) && purpose !== 'treatment' && purpose !== 'emergency' ? (['other-purpose'] as const) : []),
    'patient-can-consent',
  ];
}

/** All reasons that a rule knows, once each. */
function basesOf(rule: Rule): string[] {
  switch (rule.kind) {
    case 'because':
      return [...new Set([rule.basis, ...basesOf(rule.rule)])];
    case 'all':
    case 'any':
      return [...new Set(rule.of.flatMap(basesOf))];
    default:
      return [];
  }
}

/** Whether the rule looks at the record at all, beyond whose it is. */
function isPartial(rule: Rule): boolean {
  switch (rule.kind) {
    case 'because':
      return isPartial(rule.rule);
    case 'any':
      return rule.of.every(isPartial);
    case 'all':
      return rule.of.some(isPartial);
    default:
      return !['always', 'patients'].includes(rule.kind);
  }
}
