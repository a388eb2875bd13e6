/**
 * The identity of a Chinese medicinal piece.
 *
 * An id is the pinyin of the piece's name in the Chinese Pharmacopoeia without tones and spaces: `danshen`, `shengdihuang`.
 * A prepared form that differs from the crude herb in its use or its safety has an id of its own, with the preparation after
 * a hyphen: `fuzi-zhi` (制附子), `banxia-fa` (法半夏), `gancao-zhi` (炙甘草). `ü` is written `u`. The ids are the keys of
 * `data/tcm/herbs.json`, and codes of the code system {@link HERB_SYSTEM}.
 */
export type HerbId = string;

/** The code system whose codes are herb ids. */
export const HERB_SYSTEM = 'https://meridian.example/fhir/CodeSystem/chinese-herb';

const FORM = /^[a-z]{2,32}(-[a-z]{2,16})?$/;

/** Whether a text has the form of a herb id; it may still be none that the table knows. */
export function isHerbId(text: string): text is HerbId {
  return FORM.test(text);
}

/** The id of the crude herb that a prepared piece is made of: `banxia` for `banxia-fa`, and itself for a crude herb. */
export function crudeHerb(id: HerbId): HerbId {
  return id.split('-', 1)[0] ?? id;
}
