import {
  Catalogue,
  type CatalogueEntry,
  FORMULA_SYSTEM,
  HERB_CAUTIONS,
  HERB_SYSTEM,
  OverlayError,
  POINT_SYSTEM,
  parseOverlay,
  type ThreeScripts,
} from '@meridian/clinic';
import type { Vault } from '@meridian/records';
import type { Role, Viewer } from '@meridian/viewing';
import { LRUCache } from 'lru-cache';
import { refusal } from '../http/http-error.ts';
import { words } from './language.ts';

/** Catalogues with their indices are some megabytes each. */
const MOST_CATALOGUES = 16;
const MOST_HITS = 50;
const DEFAULT_HITS = 20;
const LONGEST_QUERY = 100;
/** So many hits of all kinds are looked at for those of one kind. */
const LOOKED_AT = 500;
const EDITORS: readonly Role[] = ['tcm-practitioner', 'western-practitioner', 'pharmacist'];

/** What the search is for, and how its path says so. */
export const KINDS = { herbs: 'herb', formulas: 'formula', points: 'point' } as const;
export type KindPath = keyof typeof KINDS;

/** The catalogue as organisations see it: with their own overlay, kept in the vault. */
export class Catalogues {
  readonly #vault: Vault;
  readonly #made = new LRUCache<string, Catalogue>({ max: MOST_CATALOGUES });
  readonly #stop: () => void;

  constructor(vault: Vault) {
    this.#vault = vault;
    this.#stop = vault.onChanged((kind, id) => {
      if (kind === 'other' && id.startsWith('clinic-overlay/')) this.#made.clear();
    });
  }

  close(): void {
    this.#stop();
  }

  async for({ organizations }: Viewer): Promise<Catalogue> {
    const key = organizations.join();
    const known = this.#made.get(key);
    if (known) return known;
    const overlays = await Promise.all(organizations.map((id) => this.overlayOf(id)));
    const catalogue = new Catalogue(overlays.flatMap((overlay) => (overlay ? [parseOverlay(overlay)] : [])));
    this.#made.set(key, catalogue);
    return catalogue;
  }

  async overlayOf(organization: string): Promise<object | undefined> {
    const found = await this.#vault.get<{ overlay: object }>('other', `clinic-overlay/${organization}`);
    return found?.content.overlay;
  }

  /** Replaces the overlay of an organisation, by one of its practitioners. Throws 403, or 422 for what cannot be used. */
  async setOverlay(viewer: Viewer, organization: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    const isEditor = viewer.roles.some((role) => EDITORS.includes(role));
    if (!isEditor || !viewer.organizations.includes(organization)) {
      throw refusal(403, 'forbidden', 'An overlay is edited by the practitioners of its organisation.');
    }
    const overlay = { ...body, organization: `Organization/${organization}` };
    try {
      new Catalogue([parseOverlay(overlay)]);
    } catch (error) {
      if (error instanceof OverlayError) throw refusal(422, 'business-rule', error.message);
      throw error;
    }
    const id = `clinic-overlay/${organization}`;
    await this.#vault.change([{ op: 'put', kind: 'other', id, content: { overlay } }]);
    this.#made.clear();
  }
}

/**
 * What a field that completes shows for what is typed so far: names in any script, best first. Nothing typed: the first of
 * the list.
 */
export function found(catalogue: Catalogue, path: KindPath, query: string, limit: string | undefined): object {
  const kind = KINDS[path];
  const most = Math.min(/^\d{1,3}$/.test(limit ?? '') ? Number(limit) : DEFAULT_HITS, MOST_HITS);
  if (query.length > LONGEST_QUERY) throw refusal(400, 'too-long', `Type at most ${LONGEST_QUERY} characters.`);
  if (query.trim() === '')
    return {
      [path]: allOf(catalogue, kind)
        .slice(0, most)
        .map((entry) => shown(entry)),
    };
  const hits = catalogue.search(query, LOOKED_AT).filter(({ value }) => value.kind === kind);
  return { [path]: hits.slice(0, most).map(({ value, name }) => ({ ...shown(value), matched: name })) };
}

function allOf({ herbs, formulas, points }: Catalogue, kind: CatalogueEntry['kind']): CatalogueEntry[] {
  switch (kind) {
    case 'herb':
      return [...herbs.values()].map((herb) => ({ kind, herb }));
    case 'formula':
      return [...formulas.values()].map((formula) => ({ kind, formula }));
    case 'point':
      return [...points.values()].map((point) => ({ kind, point }));
  }
}

function shown(entry: CatalogueEntry): object {
  switch (entry.kind) {
    case 'herb': {
      const { id, pinyin, latin, dose, toxicity, nature, part, cautions = [], use = [], sources } = entry.herb;
      return {
        ...{ system: HERB_SYSTEM, code: id, name: words(entry.herb), pinyin, latin, part, nature, dose, toxicity },
        ...{ cautions: cautions.map((code) => words(HERB_CAUTIONS[code])), use, sources },
      };
    }
    case 'formula': {
      const { id, pinyin, category, form, pattern, herbs, sources } = entry.formula;
      return {
        ...{ system: FORMULA_SYSTEM, code: id, name: words(entry.formula), pinyin, category, form },
        ...{ pattern: words(pattern), herbs, sources },
      };
    }
    case 'point': {
      const { code, zhHant, zhHans, pinyin, source } = entry.point;
      const name: ThreeScripts = { en: `${code} ${pinyin}`, zhHant, zhHans };
      return { system: POINT_SYSTEM, code, name: words(name), pinyin, source };
    }
  }
}
