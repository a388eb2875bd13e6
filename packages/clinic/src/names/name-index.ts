import { foldName, withoutToneDigits } from './fold.ts';
import { prefixDistance } from './prefix-distance.ts';

/** Something with names; `whole` are names by which it is called, `descriptive` ones may also be found by a later word. */
export interface Named<T> {
  value: T;
  whole: readonly string[];
  descriptive: readonly string[];
}

export interface NameHit<T> {
  value: T;
  /** The name that was matched, as it is written. */
  name: string;
  /** 0: a name begins with the query. 1: a later word of a name does. 2: only with a slip of the pen mended. */
  grade: 0 | 1 | 2;
}

interface Key<T> {
  folded: string;
  name: string;
  value: T;
  grade: 0 | 1;
  /** The letters of `folded`, one bit each, so that most keys are passed over without a look at their order. */
  letters: number;
}

/** Below this length a mended query would find too much. */
const SHORTEST_MENDED = 4;
/** From this length two slips are mended. */
const TWO_SLIPS = 8;

/**
 * Names in any script, found by how they begin. Chinese, pinyin with or without tones, Latin and English are one index;
 * a query of four letters or more that finds nothing is tried again with one slip mended, from eight letters with two.
 */
export class NameIndex<T> {
  readonly #keys: readonly Key<T>[];

  constructor(entries: Iterable<Named<T>>) {
    const keys: Key<T>[] = [];
    for (const { value, whole, descriptive } of entries) {
      for (const name of [...whole, ...descriptive]) {
        for (const folded of spellings(name)) keys.push({ folded, name, value, grade: 0, letters: lettersOf(folded) });
      }
      for (const name of descriptive) {
        for (const folded of laterWords(name)) keys.push({ folded, name, value, grade: 1, letters: lettersOf(folded) });
      }
    }
    this.#keys = keys.sort((a, b) => (a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : a.grade - b.grade));
  }

  /** Values that a query may mean, best first: whole names before beginnings, short names before long ones. */
  search(query: string, limit = 20): NameHit<T>[] {
    const folded = foldName(withoutToneDigits(query));
    if (folded === '' || limit < 1) return [];
    const found = best(this.#beginningWith(folded), folded, limit);
    if (found.length > 0 || folded.length < SHORTEST_MENDED || !/^[a-z0-9]+$/.test(folded)) return found;
    return this.#mended(folded, limit);
  }

  /** The values with exactly this name, slips and beginnings aside. */
  exact(name: string): T[] {
    const folded = foldName(withoutToneDigits(name));
    const values = new Set<T>();
    for (const key of this.#beginningWith(folded)) {
      if (key.folded !== folded) break;
      if (key.grade === 0) values.add(key.value);
    }
    return [...values];
  }

  /** The values of which a name begins with these whole words. */
  beginningWithWords(words: string): T[] {
    const start = `${wordsOf(words).join(' ')} `;
    const values = new Set<T>();
    if (start === ' ') return [];
    for (const { name, value, grade } of this.#beginningWith(foldName(words))) {
      if (grade === 0 && `${wordsOf(name).join(' ')} `.startsWith(start)) values.add(value);
    }
    return [...values];
  }

  *#beginningWith(folded: string): Generator<Key<T>> {
    if (folded === '') return;
    for (let at = this.#lowerBound(folded); at < this.#keys.length; at++) {
      const key = this.#keys[at];
      if (!key?.folded.startsWith(folded)) return;
      yield key;
    }
  }

  #lowerBound(folded: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle]?.folded ?? '') < folded) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #mended(folded: string, limit: number): NameHit<T>[] {
    const most = folded.length >= TWO_SLIPS ? 2 : 1;
    const letters = lettersOf(folded);
    const byDistance: Key<T>[][] = [[], [], []];
    for (const key of this.#keys) {
      if (key.folded.length + most < folded.length || bits(letters & ~key.letters) > most) continue;
      byDistance[prefixDistance(folded, key.folded, most)]?.push(key);
    }
    const closest = byDistance.slice(0, most + 1).find((keys) => keys.length > 0) ?? [];
    return best(closest, folded, limit).map((hit) => ({ ...hit, grade: 2 }));
  }
}

function best<T>(keys: Iterable<Key<T>>, folded: string, limit: number): NameHit<T>[] {
  const sorted = [...keys].sort(
    (a, b) =>
      a.grade - b.grade ||
      Math.abs(a.folded.length - folded.length) - Math.abs(b.folded.length - folded.length) ||
      (a.folded < b.folded ? -1 : 1),
  );
  const hits = new Map<T, NameHit<T>>();
  for (const { value, name, grade } of sorted) {
    if (!hits.has(value)) hits.set(value, { value, name, grade });
    if (hits.size >= limit) break;
  }
  return [...hits.values()];
}

/** The letters a to z of a text as bits. */
function lettersOf(text: string): number {
  let letters = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at) - 97;
    if (letter >= 0 && letter < 26) letters |= 1 << letter;
  }
  return letters;
}

function bits(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The folded name, and for pinyin with `ü` also the `v` of keyboards. */
function spellings(name: string): Set<string> {
  const keyboard = name.normalize('NFD').replace(/u(\p{M}*)\u0308/gu, 'v$1');
  return new Set([foldName(name), foldName(keyboard)].filter((folded) => folded !== ''));
}

function wordsOf(name: string): string[] {
  return name.split(/[\s,()]+/).flatMap((word) => foldName(word) || []);
}

/** The folded rest of a name from its second, third … word on. */
function laterWords(name: string): string[] {
  const words = wordsOf(name);
  return words.slice(1).map((_, index) => words.slice(index + 1).join(''));
}
