import type { Label } from '../labels/label.ts';
import type { Role } from '../viewer.ts';
import type { Decision, Policies } from './policies.ts';
import type { Action, Category, Outcome, Purpose, Relation } from './vocabulary.ts';

/** What stays the same while one viewer works: the rest of a class is asked for again and again. */
export interface Standing {
  roles: readonly Role[];
  purpose: Purpose;
  relation: Relation;
}

/** Sets of roles that are kept; an installation has a few dozen. */
const MOST_STANDINGS = 5_000;

/**
 * Decisions of Cedar, remembered. There are finitely many classes for each (roles, purpose, relation), and policies do
 * not change while the process runs, so nothing ever has to be invalidated.
 */
export class DecisionTable {
  readonly #policies: Policies;
  readonly #standings = new Map<string, Map<string, Decision>>();

  constructor(policies: Policies) {
    this.#policies = policies;
  }

  decide(standing: Standing, action: Action, category: Category, consent: Outcome, label: Label): Decision {
    const known = this.#of(standing);
    const key = `${action} ${category} ${consent} ${label}`;
    let decision = known.get(key);
    if (!decision) {
      decision = this.#policies.decideClass({ ...standing, action, category, consent, label });
      known.set(key, decision);
    }
    return decision;
  }

  #of({ roles, purpose, relation }: Standing): Map<string, Decision> {
    const key = `${relation} ${purpose} ${roles.length < 2 ? roles : [...new Set(roles)].sort()}`;
    let known = this.#standings.get(key);
    if (!known) {
      if (this.#standings.size >= MOST_STANDINGS) this.#standings.clear();
      known = new Map();
      this.#standings.set(key, known);
    }
    return known;
  }
}
