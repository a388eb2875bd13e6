import type { ThreeScripts } from '../tcm/script.ts';
import { crudeAgent } from './agents.ts';
import { concernedBy, concernedByForms, type Draft } from './draft.ts';
import type { Exposure } from './exposures.ts';
import type { Severity } from './finding.ts';

/**
 * Daily amounts above the usual maximum, added up over all items and over the forms of one herb, and herbs that are for
 * pills or powders only but were put into a decoction. Low doses are not reported: they are a question of effect and not
 * of safety.
 */
export function doseFindings(exposures: Iterable<Exposure>): Draft[] {
  const drafts: Draft[] = [];
  const forms = new Map<string, Exposure[]>();
  for (const exposure of exposures) {
    if (!exposure.current || !exposure.systemic) continue;
    if (exposure.agent.pillOrPowderOnly === true && exposure.inDecoction) drafts.push(notForDecoction(exposure));
    const { maximum } = exposure.agent;
    if (maximum === undefined || maximum.value <= 0 || exposure.perDay <= 0) continue;
    const id = crudeAgent(exposure.agent);
    forms.set(id, [...(forms.get(id) ?? []), exposure]);
  }
  return [...drafts, ...[...forms].flatMap(([id, all]) => aboveMaximum(id, all) ?? [])];
}

/** Forms with maxima of their own count by the part of it that each takes up. */
function aboveMaximum(id: string, forms: readonly Exposure[]): Draft | undefined {
  const [first] = forms;
  const { maximum } = first?.agent ?? {};
  const times = forms.reduce((sum, one) => sum + one.perDay / (one.agent.maximum?.value ?? 1), 0);
  // a ten-thousandth is what adding up fractions of a gram may come to
  if (first === undefined || maximum === undefined || times <= 1.0001) return undefined;
  const total = forms.reduce((sum, one) => sum + one.perDay, 0);
  const most = Math.max(...forms.map((one) => one.agent.maximum?.value ?? 0));
  const toxic = forms.some((one) => one.agent.toxic === true);
  const drug = first.agent.kind === 'drug';
  return {
    key: `dose|${id}`,
    rule: 'dose-above-maximum',
    kind: 'dose',
    severity: severityOf(times, drug ? 'drug' : toxic ? 'toxic-herb' : 'herb'),
    evidence: drug ? 'label' : 'guideline',
    mechanism: 'above-maximum',
    action: 'lower-to-range',
    sources: [maximum.source],
    concerned: [concernedByForms(forms)],
    detail: amounts(`${round(total)} ${maximum.unit}`, `${round(most)} ${maximum.unit}`),
  };
}

function amounts(total: string, most: string): ThreeScripts {
  const zh = `每日 ${total}（常用上限 ${most}）`;
  return { en: `${total} a day (usual maximum ${most})`, zhHant: zh, zhHans: zh };
}

/**
 * How much too much matters. Practitioners often go above the Pharmacopoeia's range for herbs without toxicity, so that
 * this is worth a word only from three times on; toxic herbs and drugs matter from the first step.
 */
function severityOf(times: number, kind: 'drug' | 'toxic-herb' | 'herb'): Severity {
  if (kind === 'toxic-herb') return times > 2 ? 'contraindicated' : 'serious';
  if (kind === 'drug') return times > 1.5 ? 'serious' : 'moderate';
  return times > 3 ? 'moderate' : times > 2 ? 'minor' : 'information';
}

function notForDecoction(exposure: Exposure): Draft {
  return {
    key: `preparation|${exposure.agent.id}`,
    rule: 'pill-or-powder-only',
    kind: 'preparation',
    severity: exposure.agent.toxic === true ? 'serious' : 'moderate',
    evidence: 'guideline',
    mechanism: 'preparation',
    action: 'use-prepared',
    sources: ['chp2020'],
    concerned: [concernedBy(exposure)],
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
