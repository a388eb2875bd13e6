import type { Filter } from '@meridian/fhir';
import { isInexact } from '../search/exactness.ts';
import type { Rule } from '../visibility.ts';

export const ALWAYS: Rule = { kind: 'always' };
export const NEVER: Rule = { kind: 'never' };

/**
 * What a rule says of one type of resource: no `types` and no reasons that admit nothing are left in it, what is certain
 * is folded away, and parts that need no change stay the same objects.
 *
 * A filter that cannot be decided on the record and its index alone (chains, `_has`, what the index only narrows down) is
 * taken as not fulfilled where it would admit, and as fulfilled where it would refuse: it never opens anything.
 */
export function narrow(rule: Rule, type: string, admitting = true): Rule {
  switch (rule.kind) {
    case 'all':
      return joined(rule, type, admitting, ALWAYS, NEVER);
    case 'any':
      return joined(rule, type, admitting, NEVER, ALWAYS);
    case 'not': {
      const of = narrow(rule.of, type, !admitting);
      if (of.kind === 'always') return NEVER;
      if (of.kind === 'never') return ALWAYS;
      return of === rule.of ? rule : { kind: 'not', of };
    }
    case 'because': {
      const inner = narrow(rule.rule, type, admitting);
      if (inner.kind === 'never') return NEVER;
      return inner === rule.rule ? rule : { kind: 'because', basis: rule.basis, rule: inner };
    }
    case 'types':
      return rule.types.includes(type) ? ALWAYS : NEVER;
    case 'patients':
      return rule.patients.length === 0 ? NEVER : rule;
    case 'labels':
      return rule.mask === 0 ? NEVER : rule;
    case 'filter':
      if (!rule.types.includes(type) || rule.filter.kind === 'never') return NEVER;
      if (isDecidable(rule.filter)) return rule;
      return admitting ? NEVER : ALWAYS;
    default:
      return rule;
  }
}

/** Whether index and record say the same about this filter, and nothing else is needed. */
export function isDecidable(filter: Filter): boolean {
  return filter.kind !== 'chain' && filter.kind !== 'has' && !isInexact(filter);
}

/** Parts that change nothing fall away; one that decides alone decides. */
function joined(rule: Rule & { kind: 'all' | 'any' }, type: string, admitting: boolean, idle: Rule, final: Rule): Rule {
  const of: Rule[] = [];
  let changed = false;
  for (const part of rule.of) {
    const narrowed = narrow(part, type, admitting);
    if (narrowed.kind === final.kind) return final;
    if (narrowed.kind !== idle.kind) of.push(narrowed);
    changed ||= narrowed !== part || narrowed.kind === idle.kind;
  }
  if (of.length === 0) return idle;
  const [only] = of;
  if (only && of.length === 1) return only;
  return changed ? { kind: rule.kind, of } : rule;
}

/** Whether a narrowed rule hides nothing, whatever reasons it gives. */
export function isOpen(rule: Rule): boolean {
  if (rule.kind === 'because') return isOpen(rule.rule);
  if (rule.kind === 'all') return rule.of.every(isOpen);
  if (rule.kind === 'any') return rule.of.some(isOpen);
  return rule.kind === 'always';
}
