/** Language and script in which the patient reads (BCP 47). */
export type Locale = 'en' | 'zh-Hant' | 'zh-Hans';

/** One text in the three scripts. */
export type Words = Record<Locale, string>;
