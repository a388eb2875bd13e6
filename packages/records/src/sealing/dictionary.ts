import { readFileSync } from 'node:fs';

/**
 * Preset dictionaries for small record versions, by version. They are part of the storage format: a published one never
 * changes, a better one gets the next number. Made by tools/train-dictionary.ts.
 */
export const DICTIONARIES: ReadonlyMap<number, Buffer> = new Map([
  [1, readFileSync(new URL('../../dictionaries/1.bin', import.meta.url))],
]);

export const LATEST_DICTIONARY = 1;
