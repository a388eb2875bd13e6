import type { Rule } from '@meridian/records';

export const ALWAYS: Rule = { kind: 'always' };
export const NEVER: Rule = { kind: 'never' };

/** All must hold. What is certain falls away; one that cannot hold decides. */
export function allOf(...rules: readonly Rule[]): Rule {
  const of = rules.flatMap((rule) => (rule.kind === 'all' ? rule.of : [rule])).filter(({ kind }) => kind !== 'always');
  if (of.some(({ kind }) => kind === 'never')) return NEVER;
  return of.length === 0 ? ALWAYS : of.length === 1 ? (of[0] as Rule) : { kind: 'all', of };
}

/** One must hold. An `always` among them decides. */
export function anyOf(...rules: readonly Rule[]): Rule {
  const of = rules.flatMap((rule) => (rule.kind === 'any' ? rule.of : [rule])).filter(({ kind }) => kind !== 'never');
  if (of.some(({ kind }) => kind === 'always')) return ALWAYS;
  return of.length === 0 ? NEVER : of.length === 1 ? (of[0] as Rule) : { kind: 'any', of };
}

export function notOf(rule: Rule): Rule {
  switch (rule.kind) {
    case 'always':
      return NEVER;
    case 'never':
      return ALWAYS;
    case 'not':
      return rule.of;
    case 'because':
      return notOf(rule.rule);
    default:
      return { kind: 'not', of: rule };
  }
}

export function typesOf(types: readonly string[]): Rule {
  return types.length === 0 ? NEVER : { kind: 'types', types };
}

export function labelsOf(mask: number): Rule {
  return mask === 0 ? NEVER : { kind: 'labels', mask };
}

/** A reason that admits nothing is left out. */
export function because(basis: string, rule: Rule): Rule {
  return rule.kind === 'never' ? NEVER : { kind: 'because', basis, rule };
}
