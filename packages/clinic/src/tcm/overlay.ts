import type { Formula, FormulaHerb } from './formula.ts';
import type { Herb } from './herb.ts';
import { type HerbId, isHerbId } from './herb-id.ts';

/**
 * What an organisation changes in the catalogue, as JSON. A herb or formula that is known is changed in what the entry
 * names; an unknown id needs a complete entry. `hide` takes an entry out of name search and lists. What an overlay says
 * has the organisation for its source.
 */
export interface Overlay {
  /** Who answers for the overlay. */
  organization: string;
  herbs?: readonly HerbChange[];
  formulas?: readonly FormulaChange[];
}

export type HerbChange = { id: HerbId; hide?: boolean } & Partial<
  Pick<Herb, 'zhHant' | 'zhHans' | 'pinyin' | 'latin' | 'en' | 'aliases' | 'dose'>
>;

export type FormulaChange = { id: string; hide?: boolean } & Partial<
  Pick<Formula, 'zhHant' | 'zhHans' | 'pinyin' | 'en' | 'herbs'>
>;

/** An overlay that cannot be used; the message says which entry to mend and how. */
export class OverlayError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'OverlayError';
  }
}

const MAX_ENTRIES = 5_000;
const MAX_NAME = 200;
const MAX_ALIASES = 50;
/** Far above any dose of the Pharmacopoeia (60 g) and the classical books: a larger number is a slip. */
const MAX_GRAMS = 500;
const HERB_KEYS = new Set(['id', 'hide', 'zhHant', 'zhHans', 'pinyin', 'latin', 'en', 'aliases', 'dose']);
const FORMULA_KEYS = new Set(['id', 'hide', 'zhHant', 'zhHans', 'pinyin', 'en', 'herbs']);
const ROLES = new Set(['sovereign', 'minister', 'assistant', 'envoy']);

type Json = Record<string, unknown>;

/** Reads an overlay from parsed JSON; throws an {@link OverlayError} for the first thing that is wrong. */
export function parseOverlay(value: unknown): Overlay {
  if (!isObject(value)) throw new OverlayError('Give the overlay as a JSON object.');
  const { organization, herbs = [], formulas = [] } = value;
  if (typeof organization !== 'string' || organization === '' || organization.length > MAX_NAME) {
    throw new OverlayError('Name the organization that answers for the overlay.');
  }
  return {
    organization,
    herbs: entriesOf(herbs, 'herbs').map((entry, index) => herbChange(entry, `herbs[${index}]`)),
    formulas: entriesOf(formulas, 'formulas').map((entry, index) => formulaChange(entry, `formulas[${index}]`)),
  };
}

function entriesOf(value: unknown, name: string): Json[] {
  if (!Array.isArray(value) || value.length > MAX_ENTRIES || !value.every(isObject)) {
    throw new OverlayError(`Give ${name} as an array of at most ${MAX_ENTRIES} objects.`);
  }
  return value;
}

function herbChange(entry: Json, place: string): HerbChange {
  checkCommon(entry, place, HERB_KEYS);
  const { id, aliases, dose } = entry;
  if (typeof id !== 'string' || !isHerbId(id))
    throw new OverlayError(`Write ${place}.id as a herb id, like "danshen".`);
  if (aliases !== undefined && !isNames(aliases)) {
    throw new OverlayError(`Give ${place}.aliases as at most ${MAX_ALIASES} short names.`);
  }
  if (dose !== undefined && !isDose(dose)) {
    throw new OverlayError(`Give ${place}.dose as grams, low not above high, at most ${MAX_GRAMS}.`);
  }
  return { ...entry, id };
}

function formulaChange(entry: Json, place: string): FormulaChange {
  checkCommon(entry, place, FORMULA_KEYS);
  const { id, herbs } = entry;
  if (typeof id !== 'string' || !/^[a-z]{2,64}$/.test(id)) {
    throw new OverlayError(`Write ${place}.id as pinyin without tones and spaces.`);
  }
  if (herbs !== undefined && !(Array.isArray(herbs) && herbs.length <= 60 && herbs.every(isFormulaHerb))) {
    throw new OverlayError(`Give ${place}.herbs as at most 60 objects with herb, role and modern (value, unit).`);
  }
  return { ...entry, id };
}

function checkCommon(entry: Json, place: string, known: ReadonlySet<string>): void {
  for (const key of Object.keys(entry)) {
    if (!known.has(key)) throw new OverlayError(`Remove what ${place} has beside ${[...known].join(', ')}.`);
  }
  if (entry.hide !== undefined && typeof entry.hide !== 'boolean') {
    throw new OverlayError(`Write ${place}.hide as true or false.`);
  }
  for (const name of ['zhHant', 'zhHans', 'pinyin', 'latin', 'en']) {
    if (entry[name] !== undefined && !isName(entry[name])) {
      throw new OverlayError(`Write ${place}.${name} as a text of 1 to ${MAX_NAME} characters.`);
    }
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_NAME;
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MAX_ALIASES && value.every(isName);
}

function isGrams(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MAX_GRAMS;
}

function isDose(value: unknown): value is { low: number; high: number } {
  return isObject(value) && isGrams(value.low) && isGrams(value.high) && value.low <= value.high;
}

function isFormulaHerb(value: unknown): value is FormulaHerb {
  if (!isObject(value) || typeof value.herb !== 'string' || !isHerbId(value.herb)) return false;
  const { role, modern, classical } = value;
  if (typeof role !== 'string' || !ROLES.has(role) || (classical !== undefined && !isName(classical))) return false;
  return isObject(modern) && isGrams(modern.value) && (modern.unit === 'g' || modern.unit === 'piece');
}

/** The herbs with an overlay laid over them. Throws when a new herb lacks one of its names. */
export function overlaidHerbs(base: ReadonlyMap<HerbId, Herb>, overlay: Overlay): ReadonlyMap<HerbId, Herb> {
  const herbs = new Map(base);
  for (const { hide, ...change } of overlay.herbs ?? []) {
    const known = herbs.get(change.id);
    if (hide === true) herbs.delete(change.id);
    else if (known) herbs.set(change.id, { ...known, ...change, sources: sourcesAfter(known, change, overlay) });
    else herbs.set(change.id, newHerb(change, overlay));
  }
  return herbs;
}

function sourcesAfter(known: Herb, change: HerbChange, { organization }: Overlay): Herb['sources'] {
  return change.dose === undefined ? known.sources : { ...known.sources, dose: organization };
}

function newHerb(change: HerbChange, { organization }: Overlay): Herb {
  const { zhHant, zhHans, pinyin, latin, en } = change;
  if (!zhHant || !zhHans || !pinyin || !latin || !en) {
    throw new OverlayError(`Give the new herb ${change.id} its names: zhHant, zhHans, pinyin, latin, en.`);
  }
  return {
    ...change,
    ...{ zhHant, zhHans, pinyin, latin, en },
    part: 'unknown',
    flavours: [],
    channels: [],
    toxicity: 'unknown',
    pharmacopoeia: 'none',
    sources: {
      names: organization,
      properties: organization,
      ...(change.dose === undefined ? {} : { dose: organization }),
    },
  };
}

/** The formulas with an overlay laid over them. Throws when a new formula lacks a name or its herbs. */
export function overlaidFormulas(base: ReadonlyMap<string, Formula>, overlay: Overlay): ReadonlyMap<string, Formula> {
  const formulas = new Map(base);
  for (const { hide, ...change } of overlay.formulas ?? []) {
    const known = formulas.get(change.id);
    if (hide === true) formulas.delete(change.id);
    else if (known) formulas.set(change.id, { ...known, ...change });
    else formulas.set(change.id, newFormula(change, overlay));
  }
  return formulas;
}

function newFormula(change: FormulaChange, { organization }: Overlay): Formula {
  const { id, zhHant, zhHans, pinyin, en, herbs } = change;
  if (!zhHant || !zhHans || !pinyin || !en || !herbs?.length) {
    throw new OverlayError(`Give the new formula ${id} its names (zhHant, zhHans, pinyin, en) and herbs.`);
  }
  return {
    ...{ id, zhHant, zhHans, pinyin, en, herbs },
    category: 'own',
    form: 'decoction',
    pattern: { en: '', zhHant: '', zhHans: '' },
    sources: { composition: organization, modernDose: organization },
  };
}
