import type { Rule } from '@meridian/records';
import { bindProvision, type Recipient } from '../consent/bind.ts';
import type { PatientConsent } from '../consent/provision.ts';
import type { Standing } from '../decision/decision-table.ts';
import type { ClassRules } from '../rules/class-rule.ts';
import { allOf, anyOf, because, NEVER, notOf } from '../rules/combine.ts';

/** One way in which a viewer stands to a patient, or to some of the patient's records. */
export interface Branch {
  standing: Standing;
  /** The records it is about. */
  condition: Rule;
  /** By what: `Encounter/1`, the id of a grant; empty where the relation says all. */
  detail: string;
}

/**
 * The rule for one patient's records: for each relation, what policy opens where consents say no, yes or nothing.
 * A No of any consent counts more than a Yes of another.
 *
 * @param details whether reasons name the Encounter, Consent or grant; across patients they would keep equal rules apart
 */
export function patientRule(
  branches: readonly Branch[],
  consents: readonly PatientConsent[],
  recipient: Recipient,
  rules: ClassRules,
  types: readonly string[],
  details: boolean,
): Rule {
  const effects = consents.map(({ id, provision }) => ({ id, ...bindProvision(provision, recipient, types) }));
  const denied = anyOf(...effects.map(({ deny }) => deny));
  const permits = effects.filter(({ permit }) => permit.kind !== 'never');
  const permitted = anyOf(...permits.map(({ permit }) => permit));
  return anyOf(
    ...branches.map(({ standing, condition, detail }) => {
      const open = (outcome: 'none' | 'permit' | 'deny', more: string): Rule =>
        detailed(rules.rule(standing, 'read', outcome), details ? [detail, more] : []);
      if (!rules.heedsConsent(standing, 'read')) return allOf(condition, open('none', ''));
      return allOf(
        condition,
        anyOf(
          allOf(denied, open('deny', '')),
          ...permits.map(({ id, permit }) => allOf(permit, notOf(denied), open('permit', `Consent/${id}`))),
          allOf(notOf(denied), notOf(permitted), open('none', '')),
        ),
      );
    }),
  );
}

/** The same rule with what it goes by added to its reasons. */
function detailed(rule: Rule, details: readonly string[]): Rule {
  const told = details.filter((detail) => detail !== '');
  if (told.length === 0) return rule;
  switch (rule.kind) {
    case 'because':
      return because(`${rule.basis} ${told.join(' ')}`, rule.rule);
    case 'any':
      return { kind: 'any', of: rule.of.map((part) => detailed(part, told)) };
    default:
      return rule;
  }
}

/** Branches that cannot open anything, whatever the consents say, cost nothing when they are left out. */
export function opening(branches: readonly Branch[], rules: ClassRules): Branch[] {
  return branches.filter(({ standing, condition }) => {
    if (condition.kind === NEVER.kind) return false;
    return (['none', 'permit', 'deny'] as const).some(
      (outcome) => rules.rule(standing, 'read', outcome).kind !== 'never',
    );
  });
}
