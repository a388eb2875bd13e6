/** A name in English, 繁體中文 and 简体中文. */
export interface ThreeScripts {
  en: string;
  zhHant: string;
  zhHans: string;
}

export type Script = keyof ThreeScripts;

/** A term of a fixed list: its code and its names. */
export interface CodedTerm extends ThreeScripts {
  code: string;
}
