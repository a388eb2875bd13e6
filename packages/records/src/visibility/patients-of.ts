import { NOBODY } from '../ids.ts';
import type { Rule } from '../visibility.ts';

/**
 * The patients outside of whose records a rule admits nothing (0: nobody's), or undefined where it sets no such bounds.
 * For walks over the history, whose rows have no index of their own to compile the whole rule for.
 */
export function patientsOf(rule: Rule): readonly bigint[] | undefined {
  switch (rule.kind) {
    case 'never':
      return [];
    case 'patients':
      return rule.patients;
    case 'nobody':
      return [NOBODY];
    case 'because':
      return patientsOf(rule.rule);
    case 'any':
      return union(rule.of.map(patientsOf));
    case 'all':
      return intersection(rule.of.map(patientsOf));
    default:
      return undefined;
  }
}

function union(sets: readonly (readonly bigint[] | undefined)[]): readonly bigint[] | undefined {
  const bounded = sets.filter((set) => set !== undefined);
  return bounded.length < sets.length ? undefined : [...new Set(bounded.flat())];
}

function intersection(sets: readonly (readonly bigint[] | undefined)[]): readonly bigint[] | undefined {
  const [first, ...others] = sets.filter((set) => set !== undefined);
  if (!first) return undefined;
  const members = others.map((set) => new Set(set));
  return first.filter((patient) => members.every((set) => set.has(patient)));
}
