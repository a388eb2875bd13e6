import { ACT_CODE, labelsOf as labelsOfResource, type Rule } from '@meridian/records';
import { type RequestedScope, SENSITIVITIES } from '../approval/requested-scope.ts';
import { categoryOf } from '../decision/categories.ts';
import { LABEL_BITS } from '../labels/label.ts';
import { allOf, anyOf, labelsOf, notOf, typesOf } from '../rules/combine.ts';
import { datedIn, instancesOf } from '../rules/filters.ts';

/**
 * What a grant's scope admits among records of `types`. Sensitive records are in it only where the scope names their kind;
 * very restricted ones only where it names the record itself. Who the patient is (demographics) has no date, and is in
 * every period.
 */
export function grantRule(scope: RequestedScope, types: readonly string[], byEmergency: boolean): Rule {
  const closed = SENSITIVITIES.filter((code) => !scope.sensitivities.includes(code)).reduce(
    (mask, code) => mask | maskOf(code),
    scope.records.length > 0 || byEmergency ? 0 : LABEL_BITS['very-restricted'],
  );
  return allOf(
    scope.types.length > 0 ? typesOf(scope.types) : { kind: 'always' },
    scope.records.length > 0 ? instancesOf(types, scope.records) : { kind: 'always' },
    scope.period ? inPeriod(scope.period, types) : { kind: 'always' },
    notOf(labelsOf(closed)),
  );
}

function inPeriod({ start, end }: { start?: string; end?: string }, types: readonly string[]): Rule {
  const from = start === undefined ? Number.NEGATIVE_INFINITY : Date.parse(start);
  const until = end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end) + 86_400_000;
  const undated = types.filter((type) => categoryOf(type) === 'demographic');
  return anyOf(typesOf(undated), datedIn(types, { from, until }, 'within'));
}

function maskOf(code: string): number {
  return labelsOfResource({ resourceType: 'Basic', meta: { security: [{ system: ACT_CODE, code }] } }, []);
}
