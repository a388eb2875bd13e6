import { concernedBy, type Draft } from './draft.ts';
import type { Exposure } from './exposures.ts';
import type { ByTag } from './interactions.ts';
import { CONSTITUENTS, DUPLICATE_CLASSES } from './knowledge.ts';

/**
 * The same ingredient from two products, a herb that holds what a drug is, and two medicines of one class. Two orders of
 * the very same product are not told apart from a renewal and are left to the dose check.
 */
export function duplicateFindings(byAgent: ReadonlyMap<string, Exposure>, byTag: ByTag): Draft[] {
  return [...sameDrug(byAgent.values()), ...herbHoldsDrug(byTag), ...sameClass(byTag)];
}

function* sameDrug(exposures: Iterable<Exposure>): Generator<Draft> {
  for (const exposure of exposures) {
    if (exposure.agent.kind !== 'drug' || !exposure.current || !exposure.systemic || exposure.products.size < 2)
      continue;
    yield {
      key: `duplicate|${exposure.agent.id}`,
      rule: 'duplicate-ingredient',
      kind: 'duplicate',
      severity: 'moderate',
      evidence: 'guideline',
      mechanism: 'duplicate',
      action: 'stop-duplicate',
      sources: ['stopp2'],
      concerned: [concernedBy(exposure)],
    };
  }
}

function* herbHoldsDrug(byTag: ByTag): Generator<Draft> {
  for (const { agent, holds } of CONSTITUENTS) {
    for (const herb of byTag.get(agent) ?? []) {
      for (const drug of holds.flatMap((tag) => byTag.get(tag) ?? [])) {
        if (!herb.current || !drug.current) continue;
        yield {
          key: `duplicate|${herb.agent.id}|${drug.agent.id}`,
          rule: 'herb-holds-drug',
          kind: 'duplicate',
          severity: 'moderate',
          evidence: 'guideline',
          mechanism: 'duplicate',
          action: 'stop-duplicate',
          sources: ['chp2020'],
          concerned: [concernedBy(drug), concernedBy(herb)],
        };
      }
    }
  }
}

function* sameClass(byTag: ByTag): Generator<Draft> {
  for (const rule of DUPLICATE_CLASSES) {
    const members = (byTag.get(`class:${rule.class}`) ?? []).filter((one) => one.current && one.systemic);
    for (const [at, first] of members.entries()) {
      for (const second of members.slice(at + 1)) {
        if (first.agent.holds?.includes(second.agent.id) || second.agent.holds?.includes(first.agent.id)) continue;
        const pair = first.agent.id < second.agent.id ? [first, second] : [second, first];
        yield {
          key: `duplicate|${pair.map((one) => one.agent.id).join('|')}`,
          rule: `duplicate-${rule.class}`,
          kind: 'duplicate',
          severity: rule.severity,
          evidence: rule.evidence,
          mechanism: 'duplicate-class',
          action: 'stop-duplicate',
          sources: rule.sources,
          concerned: pair.map(concernedBy),
        };
      }
    }
  }
}
