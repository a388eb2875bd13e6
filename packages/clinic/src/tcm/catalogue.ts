import { type Named, type NameHit, NameIndex } from '../names/name-index.ts';
import { FORMULAS, type Formula } from './formula.ts';
import { HERBS, type Herb } from './herb.ts';
import { crudeHerb, type HerbId } from './herb-id.ts';
import { type Overlay, overlaidFormulas, overlaidHerbs } from './overlay.ts';
import { POINTS, type Point } from './point.ts';

/** A thing of the catalogue that a name was found for. */
export type CatalogueEntry =
  | { kind: 'herb'; herb: Herb }
  | { kind: 'formula'; formula: Formula }
  | { kind: 'point'; point: Point };

/**
 * Herbs, formulas and points, with what organisations laid over them (later overlays win), and their names.
 *
 * @example
 * const catalogue = new Catalogue();
 * catalogue.findHerb('丹参') === catalogue.findHerb('dān shēn'); // and 'Salviae', 'danshen', '丹參'
 * catalogue.search('chaihu')[0]?.name; // 'chái hú'
 */
export class Catalogue {
  readonly herbs: ReadonlyMap<HerbId, Herb>;
  readonly formulas: ReadonlyMap<string, Formula>;
  readonly points: ReadonlyMap<string, Point>;
  readonly #herbNames: NameIndex<Herb>;
  readonly #formulaNames: NameIndex<Formula>;
  readonly #pointNames: NameIndex<Point>;
  readonly #all: NameIndex<CatalogueEntry>;

  constructor(overlays: readonly Overlay[] = []) {
    this.herbs = overlays.reduce(overlaidHerbs, HERBS);
    this.formulas = overlays.reduce(overlaidFormulas, FORMULAS);
    this.points = POINTS;
    const [herbs, formulas, points] = [
      [...this.herbs.values()].map(namedHerb),
      [...this.formulas.values()].map(namedFormula),
      [...this.points.values()].map(namedPoint),
    ];
    this.#herbNames = new NameIndex(herbs);
    this.#formulaNames = new NameIndex(formulas);
    this.#pointNames = new NameIndex(points);
    this.#all = new NameIndex<CatalogueEntry>([
      ...herbs.map((one) => ({ ...one, value: { kind: 'herb' as const, herb: one.value } })),
      ...formulas.map((one) => ({ ...one, value: { kind: 'formula' as const, formula: one.value } })),
      ...points.map((one) => ({ ...one, value: { kind: 'point' as const, point: one.value } })),
    ]);
  }

  /**
   * The herb that a name means: its id, a name in any script, or the first words of its Latin or English name where these
   * leave one crude herb only. Undefined when nothing or more than one herb may be meant; slips are not mended.
   */
  findHerb(name: string): Herb | undefined {
    const byId = this.herbs.get(name.trim().toLowerCase());
    if (byId) return byId;
    const exact = oneHerb(this.#herbNames.exact(name));
    return exact ?? oneHerb(this.#herbNames.beginningWithWords(name));
  }

  /** The formula of a name, as {@link findHerb}. */
  findFormula(name: string): Formula | undefined {
    return this.formulas.get(name.trim().toLowerCase()) ?? only(this.#formulaNames.exact(name));
  }

  /** The point of a code (`ST36`, `st 36`, `ST-36`) or a name that one point alone has. */
  findPoint(name: string): Point | undefined {
    const byCode = this.points.get(name.trim().toUpperCase());
    return byCode ?? only(this.#pointNames.exact(name));
  }

  /** Herbs, formulas and points whose names begin as written; for a field that completes what is typed. */
  search(text: string, limit = 20): NameHit<CatalogueEntry>[] {
    return this.#all.search(text, limit);
  }
}

let standard: Catalogue | undefined;

/** The catalogue without overlays; made once, when first asked for. */
export function standardCatalogue(): Catalogue {
  standard ??= new Catalogue();
  return standard;
}

function only<T>(values: readonly T[]): T | undefined {
  return values.length === 1 ? values[0] : undefined;
}

/** The herb when all are forms of one; the crude one where it is among them. */
function oneHerb(herbs: readonly Herb[]): Herb | undefined {
  const crude = new Set(herbs.map(({ id }) => crudeHerb(id)));
  if (crude.size !== 1) return undefined;
  return herbs.find(({ id }) => crude.has(id)) ?? herbs[0];
}

function namedHerb(herb: Herb): Named<Herb> {
  const { zhHant, zhHans, pinyin, latin, en, aliases = [], id } = herb;
  return { value: herb, whole: [zhHant, zhHans, pinyin, id, ...aliases], descriptive: [latin, en] };
}

function namedFormula(formula: Formula): Named<Formula> {
  const { zhHant, zhHans, pinyin, en } = formula;
  return { value: formula, whole: [zhHant, zhHans, pinyin], descriptive: [en] };
}

function namedPoint(point: Point): Named<Point> {
  const { code, zhHant, zhHans, pinyin } = point;
  return { value: point, whole: [code, zhHant, zhHans, pinyin], descriptive: [] };
}
