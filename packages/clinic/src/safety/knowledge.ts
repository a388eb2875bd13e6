import actionTable from '../../data/safety/actions.json' with { type: 'json' };
import allergenTable from '../../data/safety/allergens.json' with { type: 'json' };
import constituentTable from '../../data/safety/constituents.json' with { type: 'json' };
import crossReactionTable from '../../data/safety/cross-reactions.json' with { type: 'json' };
import classTable from '../../data/safety/drug-classes.json' with { type: 'json' };
import drugTable from '../../data/safety/drugs.json' with { type: 'json' };
import duplicateTable from '../../data/safety/duplicate-classes.json' with { type: 'json' };
import herbTable from '../../data/safety/herbs.json' with { type: 'json' };
import mechanismTable from '../../data/safety/mechanisms.json' with { type: 'json' };
import pairTable from '../../data/safety/pairs.json' with { type: 'json' };
import patientTable from '../../data/safety/patient-rules.json' with { type: 'json' };
import problemTable from '../../data/safety/problems.json' with { type: 'json' };
import productTable from '../../data/safety/products.json' with { type: 'json' };
import sourceTable from '../../data/safety/sources.json' with { type: 'json' };
import type { ThreeScripts } from '../tcm/script.ts';
import type { Evidence, Severity, Source } from './finding.ts';

/**
 * The tables of `data/safety`. Tags join them: `drug:ID`, `class:ID` (by ATC code), `herb:ID`, `group:ID` (of herbs),
 * `formula:ID`. That every id exists and every rule has a source is held by `knowledge.test.ts`.
 */
export interface DrugRow {
  id: string;
  /** The first name of each script is the one that is shown. */
  en: readonly string[];
  zhHant: readonly string[];
  zhHans: readonly string[];
  /** Codes of the WHO Collaborating Centre for Drug Statistics Methodology. */
  atc: readonly string[];
  /** Ingredient concept of RxNorm. */
  rxnorm?: string;
  /** Substance concept of SNOMED CT. */
  snomed?: string;
  /** Further drugs that a combination holds. */
  contains?: readonly string[];
  maximumMgPerDay?: number;
  doseSource?: string;
  /** Days for which interactions are to be expected after the last dose. */
  lastsDays?: number;
  /** Acts on the whole body even when put on the skin. */
  passesSkin?: boolean;
}

/** A finished product with what matters in it for safety: often Western drugs in a Chinese patent medicine. */
export interface ProductRow {
  id: string;
  en: readonly string[];
  zhHant: readonly string[];
  zhHans: readonly string[];
  holds: readonly string[];
  source: string;
}

/** What safety rules need to know of a herb beyond `data/tcm/herbs.json`, and herbs that are not in that table. */
export interface HerbRow {
  id: string;
  en: readonly string[];
  zhHant: readonly string[];
  zhHans: readonly string[];
  groups?: readonly string[];
  toxicity?: string;
  maximumGPerDay?: number;
  pregnancy?: string;
  use?: readonly string[];
  source?: string;
  lastsDays?: number;
}

export interface ClassRow extends ThreeScripts {
  id: string;
  /** ATC codes that begin so belong to the class. */
  atc: readonly string[];
  members?: readonly string[];
}

interface Graded {
  id: string;
  severity: Severity;
  evidence: Evidence;
  sources: readonly string[];
}

export interface PairRule extends Graded {
  left: readonly string[];
  right: readonly string[];
  mechanism: string;
  action: string;
}

/** When a rule about one agent applies; exactly one member is there. */
export interface When {
  always?: boolean;
  pregnant?: boolean;
  gestationWeeksFrom?: number;
  breastfeeding?: boolean;
  /** mL/min/1.73 m². */
  egfrBelow?: number;
  liverImpaired?: boolean;
  /** mmol/L. */
  potassiumBelow?: number;
  potassiumAbove?: number;
  /** Years. */
  ageBelow?: number;
  ageFrom?: number;
  problem?: string;
}

export interface PatientRule extends Graded {
  agents: readonly string[];
  when: When;
  mechanism: string;
  action: string;
}

export interface CrossReaction extends Graded {
  allergicTo: string;
  agents: readonly string[];
}

export interface AllergenRow {
  tag: string;
  snomed: readonly string[];
  text: readonly string[];
}

export interface ProblemRow {
  id: string;
  icd10: readonly string[];
  snomed: readonly string[];
  text: readonly string[];
}

export const DRUGS = drugTable as readonly DrugRow[];
export const DRUG_CLASSES = classTable as readonly ClassRow[];
export const HERB_ROWS = herbTable as readonly HerbRow[];
export const PRODUCTS = productTable as readonly ProductRow[];
export const PAIR_RULES = pairTable as readonly PairRule[];
export const PATIENT_RULES = patientTable as readonly PatientRule[];
export const CROSS_REACTIONS = crossReactionTable as readonly CrossReaction[];
export const ALLERGENS = allergenTable as readonly AllergenRow[];
export const PROBLEMS = problemTable as readonly ProblemRow[];
export const DUPLICATE_CLASSES = duplicateTable as readonly (Omit<Graded, 'id'> & { class: string })[];
export const CONSTITUENTS = constituentTable as readonly { agent: string; holds: readonly string[] }[];

const byId = <T extends { id: string }>(rows: readonly T[]): ReadonlyMap<string, T> =>
  new Map(rows.map((row) => [row.id, row]));

export const SOURCES = byId(sourceTable as readonly Source[]);
export const MECHANISMS = byId(mechanismTable as readonly (ThreeScripts & { id: string })[]);
export const ACTIONS = byId(actionTable as readonly (ThreeScripts & { id: string })[]);

/** The rules that each tag sets off from the left. */
export const PAIR_RULES_BY_LEFT: ReadonlyMap<string, readonly PairRule[]> = index(PAIR_RULES, (rule) => rule.left);
export const PATIENT_RULES_BY_TAG: ReadonlyMap<string, readonly PatientRule[]> = index(
  PATIENT_RULES,
  (rule) => rule.agents,
);

function index<T>(rows: readonly T[], tags: (row: T) => readonly string[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    for (const tag of tags(row)) {
      const list = found.get(tag);
      if (list === undefined) found.set(tag, [row]);
      else list.push(row);
    }
  }
  return found;
}
