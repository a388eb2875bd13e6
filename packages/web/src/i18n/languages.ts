import { type I18n, type Messages, setupI18n } from '@lingui/core';
import { isLanguage, type Language, languageOf } from './language.ts';

/** What a page needs words of, beside the frame. One catalogue each, loaded with the page. */
export type Feature = 'sign-in' | 'records' | 'patient' | 'sharing' | 'account' | 'practitioner' | 'officer';

const CATALOGUES = import.meta.glob<{ messages: Messages }>(['../*/locales/*.po', '../patient/sharing/locales/*.po']);
const STORED = 'meridian.language';

/** The language in use, and the catalogues that have been loaded for it. */
export class Languages {
  readonly i18n: I18n = setupI18n();
  readonly #storage: Storage | undefined;
  readonly #features = new Set<Feature | 'i18n'>(['i18n']);

  constructor(storage: Storage | undefined) {
    this.#storage = storage;
  }

  get current(): Language {
    return isLanguage(this.i18n.locale) ? this.i18n.locale : 'en';
  }

  /** The language that was chosen before, or the first of the browser's that there is. */
  async start(preferred: readonly string[]): Promise<void> {
    const stored = this.#storage?.getItem(STORED);
    await this.#activate(isLanguage(stored) ? stored : (preferred.flatMap((tag) => languageOf(tag) ?? [])[0] ?? 'en'));
  }

  async choose(language: Language): Promise<void> {
    this.#storage?.setItem(STORED, language);
    await this.#activate(language);
  }

  /** Loads the words of a feature; routes do it before they draw. */
  async load(...features: Feature[]): Promise<void> {
    const missing = features.filter((feature) => !this.#features.has(feature));
    if (missing.length === 0) return;
    const language = this.current;
    const loaded = await Promise.all(missing.map((feature) => catalogue(feature, language)));
    for (const feature of missing) this.#features.add(feature);
    if (language === this.current) this.i18n.load(language, Object.assign({}, ...loaded));
    else await this.#activate(this.current);
  }

  async #activate(language: Language): Promise<void> {
    const loaded = await Promise.all([...this.#features].map((feature) => catalogue(feature, language)));
    this.i18n.loadAndActivate({ locale: language, messages: Object.assign({}, ...loaded) });
    document.documentElement.lang = language;
  }
}

async function catalogue(feature: string, language: Language): Promise<Messages> {
  const folder = feature === 'i18n' ? '.' : feature === 'sharing' ? '../patient/sharing' : `../${feature}`;
  const load = CATALOGUES[`${folder}/locales/${language}.po`];
  return load === undefined ? {} : (await load()).messages;
}
