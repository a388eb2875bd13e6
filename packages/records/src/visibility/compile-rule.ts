import { resourceTypes } from '@meridian/fhir';
import { type FilterParts, filterCondition } from '../search/filters.ts';
import { and, or } from '../search/sql-text.ts';
import { int8Array } from '../sql/binary-array.ts';
import { typeNumber } from '../types.ts';
import type { Rule } from '../visibility.ts';
import { isOpen, narrow } from './narrow.ts';

type Leaf = Rule & { kind: 'patients' | 'nobody' | 'labels' | 'filter' };

/**
 * The SQL reading of a rule: a condition on the row `alias` of `resource`, whose resource is of one of `types` (all where
 * that is empty). Undefined where it admits all of them. Agrees with `admits` (admits.ts).
 *
 * Its conditions on tokens are only checked, never looked up: the search itself decides which index is walked.
 */
export function compileRule(
  parts: Omit<FilterParts, 'seen'>,
  rule: Rule,
  alias: string,
  types: readonly string[],
): string | undefined {
  if (rule.kind === 'always') return undefined;
  const compiler = new Compiler({ ...parts, scoped: true }, alias);
  const groups = compiler.groupsOf(rule, types.length === 0 ? resourceTypes() : types);
  const [only] = groups;
  if (only && groups.length === 1) return isOpen(only.rule) ? undefined : compiler.condition(only);
  const open = groups.filter((group) => group.rule.kind !== 'never');
  return or(open.map((group) => and([compiler.ofTypes(group.types), compiler.condition(group)])));
}

/** Types for which a rule says the same. */
interface Group {
  rule: Rule;
  types: string[];
}

class Compiler {
  readonly #parts: FilterParts;
  readonly #alias: string;
  /** Parts of rules that mean the same are the same objects (see narrow.ts), so each gets a number and its SQL once. */
  readonly #numbers = new Map<Rule, number>();
  readonly #patients = new Map<Rule, string>();

  constructor(parts: FilterParts, alias: string) {
    this.#parts = parts;
    this.#alias = alias;
  }

  groupsOf(rule: Rule, types: readonly string[]): Group[] {
    const groups = new Map<string, Group>();
    for (const type of types) {
      const narrowed = narrow(rule, type);
      const key = this.#key(narrowed);
      const group = groups.get(key);
      if (group) group.types.push(type);
      else groups.set(key, { rule: narrowed, types: [type] });
    }
    return [...groups.values()];
  }

  ofTypes(types: readonly string[]): string {
    return `${this.#alias}.type = ANY (${this.#parts.sql.value(types.map(typeNumber), 'int2[]')})`;
  }

  condition({ rule, types }: Group): string {
    switch (rule.kind) {
      case 'always':
        return 'true';
      case 'never':
      case 'types':
        return 'false';
      case 'all':
        return and(rule.of.map((part) => this.condition({ rule: part, types })));
      case 'any':
        return or(rule.of.map((part) => this.condition({ rule: part, types })));
      case 'not':
        return `NOT (${this.condition({ rule: rule.of, types })})`;
      case 'because':
        return this.condition({ rule: rule.rule, types });
      default:
        return this.#leaf(rule, types);
    }
  }

  #leaf(rule: Leaf, types: readonly string[]): string {
    const alias = this.#alias;
    switch (rule.kind) {
      case 'patients':
        return `${alias}.patient = ANY (${this.#patientsOf(rule)})`;
      case 'nobody':
        return `${alias}.patient = 0`;
      case 'labels':
        return `(${alias}.labels & ${this.#parts.sql.value(rule.mask, 'int4')}) <> 0`;
      case 'filter':
        return filterCondition(this.#parts, rule.filter, alias, types);
    }
  }

  #patientsOf(rule: Rule & { kind: 'patients' }): string {
    const known = this.#patients.get(rule);
    if (known !== undefined) return known;
    const made = this.#parts.sql.value(int8Array(rule.patients), 'int8[]');
    this.#patients.set(rule, made);
    return made;
  }

  /** Equal for rules of equal structure over the same leaves. */
  #key(rule: Rule): string {
    switch (rule.kind) {
      case 'all':
      case 'any':
        return `${rule.kind}(${rule.of.map((part) => this.#key(part)).join(',')})`;
      case 'not':
        return `not(${this.#key(rule.of)})`;
      case 'because':
        return this.#key(rule.rule);
      case 'always':
      case 'never':
      case 'nobody':
        return rule.kind;
      default:
        return String(this.#number(rule));
    }
  }

  #number(rule: Rule): number {
    const number = this.#numbers.get(rule) ?? this.#numbers.size;
    this.#numbers.set(rule, number);
    return number;
  }
}
