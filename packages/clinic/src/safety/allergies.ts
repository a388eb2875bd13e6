import { concernedBy, type Draft } from './draft.ts';
import { type Exposure, recognise } from './exposures.ts';
import { compareSeverity, type Severity } from './finding.ts';
import { type Allergy, MAX_ITEMS, SafetyInputError } from './input.ts';
import { ALLERGENS, CROSS_REACTIONS } from './knowledge.ts';
import { NameIndex } from './names.ts';

const SNOMED = 'http://snomed.info/sct';

const ALLERGEN_NAMES = new NameIndex<string>();
for (const row of ALLERGENS) for (const name of row.text) ALLERGEN_NAMES.add(name, row.tag);
const BY_SNOMED = new Map(ALLERGENS.flatMap((row) => row.snomed.map((code) => [code, row.tag] as const)));

/** Items that the patient is recorded as allergic to, and those that may cross-react. One draft an agent. */
export function allergyFindings(exposures: Iterable<Exposure>, allergies: readonly Allergy[]): Draft[] {
  if (allergies.length > MAX_ITEMS) throw new SafetyInputError(`Send at most ${MAX_ITEMS} allergies.`);
  const exact = new Set<string>();
  const classes = new Set<string>();
  for (const allergy of allergies) {
    const agents = recognise(allergy.codes, allergy.name);
    for (const agent of agents) {
      exact.add(agent.id);
      for (const tag of agent.tags) classes.add(tag);
    }
    for (const tag of allergenTags(allergy)) {
      exact.add(tag);
      classes.add(tag);
    }
  }
  if (exact.size === 0) return [];
  const reactions = CROSS_REACTIONS.filter((one) => classes.has(one.allergicTo));
  const drafts: Draft[] = [];
  for (const exposure of exposures) {
    if (!exposure.current) continue;
    const draft = direct(exposure, exact) ?? crossed(exposure, reactions);
    if (draft !== undefined) drafts.push(draft);
  }
  return drafts;
}

/** Classes that an allergy names as such (“penicillin”, 青黴素過敏). */
function allergenTags(allergy: Allergy): string[] {
  const coded = (allergy.codes ?? []).flatMap(({ system, code }) =>
    system === SNOMED ? (BY_SNOMED.get(code) ?? []) : [],
  );
  return [...coded, ...(allergy.name === undefined ? [] : ALLERGEN_NAMES.find(allergy.name))];
}

/** Herb families are not certain enough for a direct match: they go by the cross-reaction table. */
function direct(exposure: Exposure, exact: ReadonlySet<string>): Draft | undefined {
  const { agent } = exposure;
  const hit = agent.tags.some((tag) => exact.has(tag) && !tag.startsWith('group:'));
  const held = agent.holds?.some((id) => exact.has(id)) ?? false;
  if (!hit && !held) return undefined;
  return {
    ...base(exposure, 'contraindicated'),
    rule: 'allergy',
    evidence: agent.kind === 'drug' ? 'label' : 'none',
    mechanism: 'allergy',
    action: 'confirm-allergy',
    sources: agent.kind === 'drug' ? ['smpc'] : [],
  };
}

function crossed(exposure: Exposure, reactions: readonly (typeof CROSS_REACTIONS)[number][]): Draft | undefined {
  const fitting = reactions.filter((one) => one.agents.some((tag) => exposure.agent.tags.includes(tag)));
  const worst = fitting.sort((a, b) => compareSeverity(a.severity, b.severity) || (a.id < b.id ? -1 : 1))[0];
  if (worst === undefined) return undefined;
  return {
    ...base(exposure, worst.severity),
    rule: worst.id,
    evidence: worst.evidence,
    mechanism: 'cross-allergy',
    action: 'ask-allergy',
    sources: worst.sources,
  };
}

function base(exposure: Exposure, severity: Severity): Pick<Draft, 'key' | 'kind' | 'severity' | 'concerned'> {
  return { key: `allergy|${exposure.agent.id}`, kind: 'allergy', severity, concerned: [concernedBy(exposure)] };
}
