/** Most characters of a name that are looked at. */
const LONGEST = 64;

/**
 * A name as it is compared: letters without tone marks and case, nothing between them; Chinese characters as they are.
 * `dān shēn`, `Dan-Shen` and `danshen` fold to one text.
 */
export function foldName(text: string): string {
  return text
    .slice(0, LONGEST)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** Pinyin with tones as digits (`dan1 shen1`) without them; other text as it is. */
export function withoutToneDigits(text: string): string {
  return text.replace(/([a-zA-ZüÜ])[1-5](?=[\s'’-]|[a-zA-ZüÜ]|$)/g, '$1');
}
