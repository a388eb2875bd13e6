import type { Rule } from '@meridian/records';
import { categoryOf } from '../decision/categories.ts';
import type { DecisionTable, Standing } from '../decision/decision-table.ts';
import { type Action, type Category, OUTCOMES, type Outcome } from '../decision/vocabulary.ts';
import { LABEL_BITS, LABELS } from '../labels/label.ts';
import { allOf, anyOf, because, labelsOf, notOf, typesOf } from './combine.ts';

/** What the policies say of one category of records: closed, or open but for some labels. */
interface Opening {
  /** Names of the policies that open it. */
  basis: string;
  /** Labels that close a record all the same. */
  closed: number;
}

/**
 * The decisions of policy as rules, for one viewer's standing: which records are open by type and label, given what
 * the consents say. Rules are kept, so that a search pays for putting them together once.
 */
export class ClassRules {
  readonly #table: DecisionTable;
  readonly #types: readonly string[];
  readonly #rules = new Map<string, Rule>();
  readonly #heeding = new Map<string, boolean>();

  /** @param types the types asked for, pairwise different */
  constructor(table: DecisionTable, types: readonly string[]) {
    this.#table = table;
    this.#types = types;
  }

  rule(standing: Standing, action: Action, consent: Outcome): Rule {
    const key = `${keyOf(standing, action)} ${consent}`;
    let rule = this.#rules.get(key);
    if (!rule) {
      rule = this.#build(standing, action, consent);
      this.#rules.set(key, rule);
    }
    return rule;
  }

  /** Whether what the consents say can make a difference at all. */
  heedsConsent(standing: Standing, action: Action): boolean {
    const key = keyOf(standing, action);
    let heeds = this.#heeding.get(key);
    if (heeds === undefined) {
      const [first, ...others] = OUTCOMES.map((outcome) => shape(this.rule(standing, action, outcome)));
      heeds = others.some((other) => other !== first);
      this.#heeding.set(key, heeds);
    }
    return heeds;
  }

  #build(standing: Standing, action: Action, consent: Outcome): Rule {
    const groups = new Map<string, { opening: Opening; types: string[] }>();
    const openings = new Map<Category, Opening | undefined>();
    for (const type of this.#types) {
      const category = categoryOf(type);
      if (!openings.has(category)) openings.set(category, this.#opening(standing, action, consent, category));
      const opening = openings.get(category);
      if (!opening) continue;
      const key = `${opening.basis} ${opening.closed}`;
      const group = groups.get(key) ?? { opening, types: [] };
      group.types.push(type);
      groups.set(key, group);
    }
    return anyOf(...[...groups.values()].map(({ opening, types }) => this.#open(opening, types)));
  }

  #open({ basis, closed }: Opening, types: readonly string[]): Rule {
    const every = types.length === this.#types.length;
    const unlabelled = notOf(labelsOf(closed));
    return because(basis, every ? unlabelled : allOf(typesOf(types), unlabelled));
  }

  #opening(standing: Standing, action: Action, consent: Outcome, category: Category): Opening | undefined {
    const normal = this.#table.decide(standing, action, category, consent, 'normal');
    if (!normal.allowed) return undefined;
    let closed = 0;
    for (const label of LABELS) {
      if (label === 'normal') continue;
      if (!this.#table.decide(standing, action, category, consent, label).allowed) closed |= LABEL_BITS[label];
    }
    return { basis: normal.policies.join('+'), closed };
  }
}

function keyOf({ relation, purpose, roles }: Standing, action: Action): string {
  return `${relation} ${purpose} ${roles} ${action}`;
}

/** The rule without its reasons, to be compared. */
function shape(rule: Rule): string {
  return JSON.stringify(rule, (key, value: unknown) => (key === 'basis' ? undefined : value));
}
