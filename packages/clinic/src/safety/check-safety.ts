import { allergyFindings } from './allergies.ts';
import { doseFindings } from './doses.ts';
import { type Draft, toFinding } from './draft.ts';
import { duplicateFindings } from './duplicates.ts';
import { type Exposure, exposuresOf } from './exposures.ts';
import { compareFindings, type Finding, isQuietlyShown, type Override } from './finding.ts';
import { type Item, MAX_NAME_LENGTH, type SafetyInput } from './input.ts';
import { interactions } from './interactions.ts';
import { patientFindings } from './patient-rules.ts';

export interface SafetyOptions {
  /** `quiet` (the default) leaves out what is minor or weakly founded (`isQuietlyShown`); `all` shows everything. */
  show?: 'quiet' | 'all';
  /** What was overridden for this patient before: shown, but not interrupting. */
  overrides?: readonly Override[];
}

/**
 * Looks for harm in what a patient takes or is about to take, Western and Chinese medicine together: interactions (among
 * them the eighteen incompatibilities and nineteen antagonisms), pregnancy, breast-feeding, kidneys, liver, age, other
 * illness, allergies, doses added up over all items, and duplicates. Worst first; the order of the items changes nothing,
 * and a further item never takes a finding away. An empty list means that no rule fitted, not that it is safe.
 *
 * Throws {@link SafetyInputError} if the input is past its bounds.
 *
 * @example
 * checkSafety({ items: [{ id: 'a', name: 'Warfarin 3 mg' }, { id: 'b', name: '丹參' }], patient: {}, on: '2026-01-31' });
 * // [{ rule: 'danshen-warfarin', severity: 'serious', evidence: 'case-report', … }]
 */
export function checkSafety(input: SafetyInput, options: SafetyOptions = {}): Finding[] {
  const { byAgent, unrecognised } = exposuresOf(input.items, input.on);
  const exposures = [...byAgent.values()];
  const systemic = byTag(exposures.filter((one) => one.systemic));
  const pairs = interactions(systemic);
  const drafts: Draft[] = [
    ...pairs,
    ...patientFindings(exposures, input.patient),
    ...allergyFindings(exposures, input.patient.allergies ?? []),
    ...doseFindings(exposures),
    ...notAmong(pairs, duplicateFindings(byAgent, systemic)),
    ...unrecognised.map(unrecognisedDraft),
  ];
  const overrides = new Map((options.overrides ?? []).map((one) => [one.key, one]));
  const findings = drafts.map((draft) => toFinding(draft, overrides)).sort(compareFindings);
  return options.show === 'all' ? findings : findings.filter(isQuietlyShown);
}

/** A pair that interacts is not reported again as a duplicate. */
function notAmong(pairs: readonly Draft[], duplicates: readonly Draft[]): Draft[] {
  const known = new Set(pairs.map(pairOf));
  return duplicates.filter((draft) => draft.concerned.length < 2 || !known.has(pairOf(draft)));
}

function pairOf(draft: Draft): string {
  return draft.concerned
    .map((one) => one.agent)
    .sort()
    .join('|');
}

function byTag(exposures: readonly Exposure[]): Map<string, Exposure[]> {
  const found = new Map<string, Exposure[]>();
  for (const exposure of exposures) {
    for (const tag of exposure.agent.tags) {
      const list = found.get(tag);
      if (list === undefined) found.set(tag, [exposure]);
      else list.push(exposure);
    }
  }
  return found;
}

function unrecognisedDraft(item: Item): Draft {
  const shown = (item.name ?? item.codes?.[0]?.code ?? item.id).slice(0, MAX_NAME_LENGTH);
  return {
    key: `unrecognised|${item.id}`,
    rule: 'unrecognised',
    kind: 'unrecognised',
    severity: 'information',
    evidence: 'none',
    mechanism: 'unrecognised',
    action: 'check-by-hand',
    sources: [],
    concerned: [{ agent: item.id, en: shown, zhHant: shown, zhHans: shown, items: [item.id] }],
  };
}
