import table from '../../data/tcm/formulas.json' with { type: 'json' };
import type { HerbId } from './herb-id.ts';
import type { CodedTerm, ThreeScripts } from './script.ts';

/** The code system whose codes are formula ids. */
export const FORMULA_SYSTEM = 'https://meridian.example/fhir/CodeSystem/chinese-formula';

/** A herb's part in a formula: 君, 臣, 佐, 使. */
export type HerbRole = 'sovereign' | 'minister' | 'assistant' | 'envoy';

/** The four roles with their names (素問·至真要大論: 主病之謂君，佐君之謂臣，應臣之謂使). */
export const HERB_ROLES: readonly (CodedTerm & { code: HerbRole })[] = [
  { code: 'sovereign', en: 'Sovereign', zhHant: '君', zhHans: '君' },
  { code: 'minister', en: 'Minister', zhHant: '臣', zhHans: '臣' },
  { code: 'assistant', en: 'Assistant', zhHant: '佐', zhHans: '佐' },
  { code: 'envoy', en: 'Envoy', zhHant: '使', zhHans: '使' },
];

/**
 * One herb of a classical formula. `classical` is the amount in the words of the source book and absent where the book
 * leaves it open; `modern` is what one pack holds today, in grams or in pieces (jujubes).
 */
export interface FormulaHerb {
  herb: HerbId;
  role: HerbRole;
  classical?: string;
  modern: { value: number; unit: 'g' | 'piece' };
}

/**
 * A classical formula. Crude aconite, pinellia and licorice of the old books are given as the prepared piece in which they
 * are dispensed today. `sources` are ids of `tcmSources`: the book of the composition, and the one of the modern doses.
 */
export interface Formula extends ThreeScripts {
  id: string;
  pinyin: string;
  category: string;
  form: 'decoction' | 'powder' | 'pill';
  /** The pattern that the formula is indicated for. */
  pattern: ThreeScripts;
  herbs: readonly FormulaHerb[];
  sources: { composition: string; modernDose: string };
}

/** All formulas of `data/tcm/formulas.json`, by id. */
export const FORMULAS: ReadonlyMap<string, Formula> = new Map(
  (table as readonly Formula[]).map((formula) => [formula.id, formula]),
);
