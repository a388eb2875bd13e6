import { matches, type Resource } from '@meridian/fhir';
import { isInexact } from '../../search/exactness.ts';
import { BASE } from '../../search/testing/world.ts';
import type { Rule } from '../../visibility.ts';

/** A record as a rule sees it. */
export interface Thing {
  resource: Resource;
  /** 0: nobody's. */
  patient: bigint;
  labels: number;
}

/**
 * What rules mean, written down as plainly as possible: what the store is compared with.
 *
 * @param admitting whether to hold means to be shown, so that a filter which cannot be decided does not hold
 */
export function holds(rule: Rule, thing: Thing, admitting = true): boolean {
  switch (rule.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'all':
      return rule.of.every((part) => holds(part, thing, admitting));
    case 'any':
      return rule.of.some((part) => holds(part, thing, admitting));
    case 'not':
      return !holds(rule.of, thing, !admitting);
    case 'because':
      return holds(rule.rule, thing, admitting);
    case 'types':
      return rule.types.includes(thing.resource.resourceType);
    case 'patients':
      return rule.patients.includes(thing.patient);
    case 'nobody':
      return thing.patient === 0n;
    case 'labels':
      return (thing.labels & rule.mask) !== 0;
    case 'filter': {
      const { filter } = rule;
      if (!rule.types.includes(thing.resource.resourceType) || filter.kind === 'never') return false;
      if (filter.kind === 'chain' || filter.kind === 'has' || isInexact(filter)) return !admitting;
      return matches([filter], thing.resource, { baseUrl: BASE });
    }
  }
}
