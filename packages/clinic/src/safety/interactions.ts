import { crudeAgent } from './agents.ts';
import { concernedByForms, type Draft } from './draft.ts';
import type { Exposure } from './exposures.ts';
import { compareEvidence, compareSeverity } from './finding.ts';
import { PAIR_RULES_BY_LEFT, type PairRule } from './knowledge.ts';

/** Exposures by each tag that they carry. */
export type ByTag = ReadonlyMap<string, readonly Exposure[]>;

interface Pair {
  rule: PairRule;
  sides: ReadonlyMap<string, Set<Exposure>>;
}

/**
 * Interactions between two agents: one draft a pair, by the worst rule that fits it, with the sources of that rule; forms
 * of one herb (甘草, 炙甘草) are one agent here. Only the rules of tags that are there are looked at, so the work grows with
 * what is taken and not with the tables.
 */
export function interactions(byTag: ByTag): Draft[] {
  const found = new Map<string, Pair>();
  for (const [tag, lefts] of byTag) {
    for (const rule of PAIR_RULES_BY_LEFT.get(tag) ?? []) {
      for (const left of lefts) {
        for (const right of rule.right.flatMap((one) => byTag.get(one) ?? [])) {
          if (interact(left, right)) note(found, rule, left, right);
        }
      }
    }
  }
  return [...found].map(([key, { rule, sides }]) => ({
    key,
    rule: rule.id,
    kind: 'interaction',
    severity: rule.severity,
    evidence: rule.evidence,
    mechanism: rule.mechanism,
    action: rule.action,
    sources: rule.sources,
    concerned: [...sides.values()].map((forms) => concernedByForms([...forms])),
  }));
}

function interact(left: Exposure, right: Exposure): boolean {
  if (crudeAgent(left.agent) === crudeAgent(right.agent) || holdsOther(left, right)) return false;
  return left.current || right.current;
}

function note(found: Map<string, Pair>, rule: PairRule, left: Exposure, right: Exposure): void {
  const ids = [left, right].map((one) => crudeAgent(one.agent)).sort();
  const key = `interaction|${ids.join('|')}`;
  const pair = found.get(key);
  const sides = pair?.sides ?? new Map(ids.map((id) => [id, new Set<Exposure>()]));
  for (const one of [left, right]) sides.get(crudeAgent(one.agent))?.add(one);
  if (pair === undefined || isWorse(rule, pair.rule)) found.set(key, { rule, sides });
}

/** A combination and the drug within it are one thing. */
function holdsOther(a: Exposure, b: Exposure): boolean {
  return (a.agent.holds?.includes(b.agent.id) ?? false) || (b.agent.holds?.includes(a.agent.id) ?? false);
}

function isWorse(a: PairRule, b: PairRule): boolean {
  const order =
    compareSeverity(a.severity, b.severity) || compareEvidence(a.evidence, b.evidence) || (a.id < b.id ? -1 : 1);
  return order < 0;
}
