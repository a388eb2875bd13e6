import { FORMULA_SYSTEM, FORMULAS } from '../tcm/formula.ts';
import { HERB_SYSTEM } from '../tcm/herb-id.ts';
import { AGENTS, type Agent, agentOfAtc, agentOfRxNorm, agentOfSnomed } from './agents.ts';
import {
  type DailyDose,
  type Ingredient,
  type Item,
  type ItemCode,
  MAX_INGREDIENTS,
  MAX_ITEMS,
  SafetyInputError,
} from './input.ts';
import { AGENT_NAMES } from './names.ts';

/** That the patient takes an agent: from which items, how much of it a day, and in which way. */
export interface Exposure {
  agent: Agent;
  items: Set<string>;
  /** Sum over the items that say an amount, in mg of a drug or g of a herb. */
  perDay: number;
  /** Whether an item that is taken today holds it; else it was stopped and still acts. */
  current: boolean;
  /** Whether any item acts on the whole body. */
  systemic: boolean;
  inDecoction: boolean;
  /** Names of the products that hold it, for telling products apart. */
  products: Set<string>;
}

/** What a list of items comes to. */
export interface Exposures {
  byAgent: ReadonlyMap<string, Exposure>;
  /** Items of which nothing was recognised. */
  unrecognised: readonly Item[];
}

/** ATC groups of medicines for skin, eyes, nose and lungs; some groups of D are taken by mouth. */
const LOCAL_ATC = /^(D(?!01B|05B|10B|11AX10)|S|R01A|R03[AB]|C05A|G01|M02A|A07EA)/;
const SYSTEM = {
  atc: 'http://www.whocc.no/atc',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  snomed: 'http://snomed.info/sct',
};

/** The agents of the items that act on `on`. Throws {@link SafetyInputError} past the bounds. */
export function exposuresOf(items: readonly Item[], on: string): Exposures {
  if (items.length > MAX_ITEMS) throw new SafetyInputError(`Send at most ${MAX_ITEMS} items.`);
  const byAgent = new Map<string, Exposure>();
  const unrecognised: Item[] = [];
  for (const item of items) {
    if ((item.ingredients?.length ?? 0) > MAX_INGREDIENTS) {
      throw new SafetyInputError(`Send at most ${MAX_INGREDIENTS} ingredients in an item.`);
    }
    if (item.start !== undefined && item.start > on) continue;
    const parts = partsOf(item);
    if (parts.length === 0) unrecognised.push(item);
    for (const part of parts) expose(byAgent, item, part, on);
  }
  return { byAgent, unrecognised };
}

interface Part {
  agent: Agent;
  perDay?: DailyDose | undefined;
}

/** The agents that an item holds. */
function partsOf(item: Item): Part[] {
  const whole = recognise(item.codes, item.name);
  const formula = whole.find((agent) => agent.kind === 'formula');
  if (item.ingredients !== undefined && item.ingredients.length > 0) {
    const parts = item.ingredients.flatMap(ingredientParts);
    return formula === undefined ? parts : [{ agent: formula }, ...parts];
  }
  return whole.flatMap((agent) => withHeld(agent, whole.length === 1 ? item.perDay : undefined));
}

function ingredientParts(ingredient: Ingredient): Part[] {
  const agents = recognise(ingredient.codes, ingredient.name);
  return agents.flatMap((agent) => withHeld(agent, agents.length === 1 ? ingredient.perDay : undefined));
}

/** An agent with what it is made of: the herbs of a formula, the further drugs of a combination. */
function withHeld(agent: Agent, perDay: DailyDose | undefined): Part[] {
  const held = (agent.holds ?? []).flatMap((id) => AGENTS.get(id) ?? []).map((one) => ({ agent: one }));
  if (agent.kind !== 'formula') return [{ agent, perDay }, ...held];
  const herbs = FORMULAS.get(agent.id.slice('formula:'.length))?.herbs ?? [];
  const parts = herbs.flatMap(({ herb, modern }) => {
    const found = AGENTS.get(`herb:${herb}`);
    return found === undefined ? [] : [{ agent: found, perDay: { value: modern.value, unit: modern.unit } }];
  });
  return [{ agent }, ...held, ...parts];
}

/** The agents of a coded or named thing: by code if any code is known, else by name. */
export function recognise(codes: readonly ItemCode[] | undefined, name: string | undefined): Agent[] {
  for (const { system, code } of codes ?? []) {
    const agent = agentOfCode(system, code, name);
    if (agent !== undefined) return [agent];
  }
  return name === undefined ? [] : AGENT_NAMES.find(name).flatMap((id) => AGENTS.get(id) ?? []);
}

function agentOfCode(system: string, code: string, name: string | undefined): Agent | undefined {
  if (system === HERB_SYSTEM) return AGENTS.get(`herb:${code}`);
  if (system === FORMULA_SYSTEM) return AGENTS.get(`formula:${code}`);
  if (system === SYSTEM.atc) return agentOfAtc(code, name);
  if (system === SYSTEM.rxnorm) return agentOfRxNorm(code);
  if (system === SYSTEM.snomed) return agentOfSnomed(code);
  return undefined;
}

function expose(byAgent: Map<string, Exposure>, item: Item, part: Part, on: string): void {
  const { agent, perDay } = part;
  const current = item.end === undefined || item.end >= on;
  if (!current && (item.end ?? '') < daysBefore(on, agent.lastsDays ?? 0)) return;
  let exposure = byAgent.get(agent.id);
  if (exposure === undefined) {
    const products = new Set<string>();
    exposure = {
      agent,
      items: new Set(),
      perDay: 0,
      current: false,
      systemic: false,
      inDecoction: false,
      products,
    };
    byAgent.set(agent.id, exposure);
  }
  const outside =
    item.route === 'local' || (item.codes ?? []).some((one) => one.system === SYSTEM.atc && LOCAL_ATC.test(one.code));
  const local = outside && agent.passesSkin !== true;
  exposure.items.add(item.id);
  exposure.current ||= current;
  exposure.systemic ||= !local;
  exposure.inDecoction ||= item.preparation === 'decoction';
  if (!current || local) return;
  exposure.perDay += inUnit(perDay, agent.kind === 'drug' ? 'mg' : 'g') ?? 0;
  exposure.products.add(productOf(item));
}

/** What tells one product from another: its codes, or else its name. */
function productOf(item: Item): string {
  const codes = (item.codes ?? []).map(({ system, code }) => `${system}|${code}`).sort();
  return codes.length > 0 ? codes.join(' ') : (item.name ?? item.id).normalize('NFKC').toLowerCase();
}

const GRAMS: Readonly<Record<string, number>> = { kg: 1000, g: 1, mg: 1e-3, ug: 1e-6, mcg: 1e-6, ng: 1e-9 };

/** A daily dose in mg or g; undefined where the unit is no mass or the value no number. */
function inUnit(dose: DailyDose | undefined, unit: 'mg' | 'g'): number | undefined {
  if (dose === undefined || !Number.isFinite(dose.value) || dose.value < 0) return undefined;
  const grams = GRAMS[dose.unit];
  if (grams === undefined) return undefined;
  return (dose.value * grams) / (GRAMS[unit] ?? 1);
}

/** The day some days before a day, both `YYYY-MM-DD`. */
function daysBefore(day: string, days: number): string {
  const time = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(time) ? day : new Date(time - days * 86_400_000).toISOString().slice(0, 10);
}
