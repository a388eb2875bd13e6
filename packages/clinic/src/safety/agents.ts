import { FORMULAS } from '../tcm/formula.ts';
import { HERBS } from '../tcm/herb.ts';
import { crudeHerb } from '../tcm/herb-id.ts';
import type { ThreeScripts } from '../tcm/script.ts';
import { DRUG_CLASSES, DRUGS, type DrugRow, HERB_ROWS, type HerbRow, PRODUCTS } from './knowledge.ts';

/** Something with an effect of its own: a drug, a herb or a formula as a whole. */
export interface Agent extends ThreeScripts {
  /** `drug:warfarin`, `herb:danshen`, `formula:xiaochaihutang`, `product:xiaoke-pill`, `atc:B01AF09`. */
  id: string;
  kind: 'drug' | 'herb' | 'formula';
  /** Its own id, its classes and groups, and for a prepared herb the crude one: what rules refer to. */
  tags: readonly string[];
  /** Upper end of the usual daily dose by mouth: mg of a drug, g of a herb. */
  maximum?: { value: number; unit: 'mg' | 'g'; source: string };
  toxic?: boolean;
  pregnancy?: 'prohibited' | 'caution';
  pillOrPowderOnly?: boolean;
  /** Days for which it still acts after the last dose. */
  lastsDays?: number;
  /** Acts on the whole body even when put on the skin. */
  passesSkin?: boolean;
  /** Other agents that taking this one means taking. */
  holds?: readonly string[];
}

/** The id under which the forms of one herb are one agent: that of the crude herb; for all else its own. */
export function crudeAgent(agent: Agent): string {
  return agent.kind === 'herb' ? `herb:${crudeHerb(agent.id.slice('herb:'.length))}` : agent.id;
}

/** Tags of the classes that an ATC code belongs to. */
export function classTags(atc: readonly string[]): string[] {
  const found = DRUG_CLASSES.filter((row) => row.atc.some((prefix) => atc.some((code) => code.startsWith(prefix))));
  return found.map((row) => `class:${row.id}`);
}

function drugAgent(row: DrugRow): Agent {
  const listed = DRUG_CLASSES.filter((one) => one.members?.includes(row.id)).map((one) => `class:${one.id}`);
  return {
    id: `drug:${row.id}`,
    kind: 'drug',
    en: row.en[0] ?? row.id,
    zhHant: row.zhHant[0] ?? row.id,
    zhHans: row.zhHans[0] ?? row.id,
    tags: [...new Set([`drug:${row.id}`, ...classTags(row.atc), ...listed])],
    ...(row.maximumMgPerDay === undefined
      ? {}
      : { maximum: { value: row.maximumMgPerDay, unit: 'mg' as const, source: row.doseSource ?? 'smpc' } }),
    ...(row.lastsDays === undefined ? {} : { lastsDays: row.lastsDays }),
    ...(row.passesSkin === true ? { passesSkin: true } : {}),
    ...(row.contains === undefined ? {} : { holds: row.contains.map((id) => `drug:${id}`) }),
  };
}

/** The tag of a prepared herb includes that of the crude one, but what holds for the raw drug alone does not pass on. */
const RAW_ONLY = 'raw-toxic';

function herbAgent(id: string, row: HerbRow | undefined, crude: HerbRow | undefined): Agent {
  const known = HERBS.get(id);
  const caution = known?.cautions?.find((one) => one.startsWith('pregnancy-'))?.slice('pregnancy-'.length);
  const pregnancy = caution ?? row?.pregnancy;
  const toxicity = known?.toxicity ?? row?.toxicity;
  const maximum = known?.dose?.high ?? row?.maximumGPerDay;
  const inherited = (crude?.groups ?? []).filter((group) => group !== RAW_ONLY);
  const groups = [...(row?.groups ?? []), ...(row === crude ? [] : inherited)];
  return {
    id: `herb:${id}`,
    kind: 'herb',
    en: known?.en ?? row?.en[0] ?? id,
    zhHant: known?.zhHant ?? row?.zhHant[0] ?? id,
    zhHans: known?.zhHans ?? row?.zhHans[0] ?? id,
    tags: [...new Set([`herb:${id}`, `herb:${crudeHerb(id)}`, ...groups.map((group) => `group:${group}`)])],
    ...(maximum === undefined ? {} : { maximum: { value: maximum, unit: 'g' as const, source: 'chp2020' } }),
    ...(toxicity === 'toxic' || toxicity === 'very-toxic' ? { toxic: true } : {}),
    ...(pregnancy === 'prohibited' || pregnancy === 'caution' ? { pregnancy } : {}),
    ...(known?.use?.includes('pill-or-powder-only') ? { pillOrPowderOnly: true } : {}),
    ...(row?.lastsDays === undefined ? {} : { lastsDays: row.lastsDays }),
  };
}

function allAgents(): Map<string, Agent> {
  const agents = new Map<string, Agent>();
  const rows = new Map(HERB_ROWS.map((row) => [row.id, row]));
  const add = (agent: Agent): unknown => agents.set(agent.id, agent);
  for (const row of DRUGS) add(drugAgent(row));
  for (const id of new Set([...HERBS.keys(), ...rows.keys()]))
    add(herbAgent(id, rows.get(id), rows.get(crudeHerb(id))));
  for (const formula of FORMULAS.values()) {
    const { en, zhHant, zhHans } = formula;
    add({ id: `formula:${formula.id}`, kind: 'formula', en, zhHant, zhHans, tags: [`formula:${formula.id}`] });
  }
  for (const row of PRODUCTS) {
    const [en = row.id] = row.en;
    const [zhHant = en] = row.zhHant;
    const [zhHans = en] = row.zhHans;
    const id = `product:${row.id}`;
    add({ id, kind: 'formula', en, zhHant, zhHans, tags: [id], holds: row.holds });
  }
  return agents;
}

/** Every agent that the tables know, by id. */
export const AGENTS: ReadonlyMap<string, Agent> = allAgents();

const BY_ATC = new Map(DRUGS.flatMap((row) => row.atc.map((code) => [code, `drug:${row.id}`] as const)));
const BY_RXNORM = new Map(DRUGS.map((row) => [row.rxnorm, `drug:${row.id}`]));
const BY_SNOMED = new Map(DRUGS.map((row) => [row.snomed, `drug:${row.id}`]));

const ATC_FORM = /^[A-Z]\d{2}[A-Z]{2}\d{2}$/;

/** The drug with an ATC code; one that is in no table stands for its classes alone. */
export function agentOfAtc(code: string, name: string | undefined): Agent | undefined {
  const known = AGENTS.get(BY_ATC.get(code) ?? '');
  if (known !== undefined || !ATC_FORM.test(code)) return known;
  const shown = name ?? code;
  return { id: `atc:${code}`, kind: 'drug', en: shown, zhHant: shown, zhHans: shown, tags: classTags([code]) };
}

/** The drug with an RxNorm ingredient code. */
export function agentOfRxNorm(code: string): Agent | undefined {
  return AGENTS.get(BY_RXNORM.get(code) ?? '');
}

/** The drug with a SNOMED CT substance code. */
export function agentOfSnomed(code: string): Agent | undefined {
  return AGENTS.get(BY_SNOMED.get(code) ?? '');
}
