import type { ThreeScripts } from '../tcm/script.ts';
import type { Exposure } from './exposures.ts';
import type { Concerned, Evidence, Finding, FindingKind, Override, Severity, Source } from './finding.ts';
import { ACTIONS, MECHANISMS, SOURCES } from './knowledge.ts';

/** A finding before its words are put together. */
export interface Draft {
  key: string;
  rule: string;
  kind: FindingKind;
  severity: Severity;
  evidence: Evidence;
  mechanism: string;
  action: string;
  sources: readonly string[];
  concerned: readonly Concerned[];
  /** Put between the names and the mechanism, such as an amount. */
  detail?: ThreeScripts;
}

/** An exposure as a finding shows it. */
export function concernedBy(exposure: Exposure): Concerned {
  const { id, en, zhHant, zhHans } = exposure.agent;
  return { agent: id, en, zhHant, zhHans, items: [...exposure.items].sort() };
}

/** Several forms of one herb as a finding shows them: by the first name, with the items of all. */
export function concernedByForms(forms: readonly Exposure[]): Concerned {
  const sorted = [...forms].sort((a, b) => (a.agent.id < b.agent.id ? -1 : 1));
  const [first] = sorted;
  if (first === undefined) throw new RangeError('A finding concerns at least one agent.');
  return { ...concernedBy(first), items: [...new Set(sorted.flatMap((one) => [...one.items]))].sort() };
}

/** Gives a draft its words and says whether it should stop the pen. */
export function toFinding(draft: Draft, overrides: ReadonlyMap<string, Override>): Finding {
  const { detail, ...rest } = draft;
  const overridden = overrides.get(draft.key);
  const stops = draft.severity === 'contraindicated' || draft.severity === 'serious';
  return {
    ...rest,
    sources: draft.sources.flatMap((id): Source[] => {
      const source = SOURCES.get(id);
      return source === undefined ? [] : [source];
    }),
    text: compose(draft.concerned, detail, phrase(MECHANISMS, draft.mechanism)),
    advice: phrase(ACTIONS, draft.action),
    interrupts: stops && overridden === undefined,
    ...(overridden === undefined ? {} : { overridden }),
  };
}

function phrase(table: ReadonlyMap<string, ThreeScripts>, id: string): ThreeScripts {
  const { en, zhHant, zhHans } = table.get(id) ?? { en: id, zhHant: id, zhHans: id };
  return { en, zhHant, zhHans };
}

function compose(concerned: readonly Concerned[], detail: ThreeScripts | undefined, what: ThreeScripts): ThreeScripts {
  const names = (script: keyof ThreeScripts): string => concerned.map((one) => one[script]).join(' + ');
  const amount = (script: keyof ThreeScripts): string => (detail === undefined ? '' : detail[script]);
  return {
    en: `${names('en')}${detail === undefined ? '' : ' '}${amount('en')}: ${what.en}`,
    zhHant: `${names('zhHant')}${amount('zhHant')}：${what.zhHant}`,
    zhHans: `${names('zhHans')}${amount('zhHans')}：${what.zhHans}`,
  };
}
