import { tokenize } from './tokens.ts';

/** A Chinese name in simplified characters; for names of a few characters without Latin letters. */
export function simplify(name: string): string {
  return tokenize(name)
    .map(({ text }) => text)
    .join('');
}
