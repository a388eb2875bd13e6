/** The languages of the application, with their names in themselves. */
export const LANGUAGES = { en: 'English', 'zh-Hant': '繁體中文', 'zh-Hans': '简体中文' } as const;

export type Language = keyof typeof LANGUAGES;

/** What Intl formats dates and numbers by. */
export const FORMATS: Readonly<Record<Language, string>> = {
  en: 'en-HK',
  'zh-Hant': 'zh-Hant-HK',
  'zh-Hans': 'zh-Hans-CN',
};

/** Whether there is such a language. */
export function isLanguage(value: string | null | undefined): value is Language {
  return value !== null && value !== undefined && Object.hasOwn(LANGUAGES, value);
}

/**
 * Our language for a tag of BCP 47: script first, then the regions that write in it. `zh-HK` is Hant, `zh` and `zh-SG`
 * Hans (CLDR, likely subtags); undefined for a language that there is not.
 */
export function languageOf(tag: string): Language | undefined {
  let locale: Intl.Locale;
  try {
    locale = new Intl.Locale(tag).maximize();
  } catch {
    return undefined;
  }
  if (locale.language === 'en') return 'en';
  if (locale.language === 'yue') return 'zh-Hant';
  if (locale.language !== 'zh') return undefined;
  return locale.script === 'Hant' ? 'zh-Hant' : 'zh-Hans';
}
