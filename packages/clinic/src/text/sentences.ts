import { isChinese, type Token } from './tokens.ts';

/** Tokens `[from, to)` that make one sentence. */
export interface Sentence {
  from: number;
  to: number;
}

const ENDS = new Set(['。', '!', ';', '】']);
/** Words before a full stop that do not end a sentence. */
const ABBREVIATIONS = new Set([
  'dr',
  'mr',
  'mrs',
  'ms',
  'prof',
  'approx',
  'vs',
  'no',
  'st',
  'fig',
  'e',
  'g',
  'i',
  'ca',
]);

/** A longer sentence is cut: words so far apart do not speak of each other. */
const LONGEST_SENTENCE = 400;

/**
 * The sentences of a text. A line's end closes a sentence unless the next line goes on in small letters; so does a numbered or
 * dashed point of a list. A question mark before a word (`?pneumonia`) asks about the word and closes nothing.
 */
export function sentencesOf(text: string, tokens: readonly Token[]): Sentence[] {
  const sentences: Sentence[] = [];
  let from = 0;
  for (let at = 0; at < tokens.length; at++) {
    if (!endsAfter(text, tokens, at) && at + 1 - from < LONGEST_SENTENCE) continue;
    sentences.push({ from, to: at + 1 });
    from = at + 1;
  }
  if (from < tokens.length) sentences.push({ from, to: tokens.length });
  return sentences;
}

function endsAfter(text: string, tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  const next = tokens[at + 1];
  if (!token || !next) return false;
  const gap = text.slice(token.end, next.start);
  if (gap.includes('\n')) return /\n\s*\n/.test(gap) || !continuesLine(text, token, next);
  if (ENDS.has(token.text)) return true;
  const before = tokens[at - 1];
  if (token.text === '.') return gap !== '' && !(before && ABBREVIATIONS.has(before.text));
  const afterWord = before !== undefined && before.end === token.start;
  return token.text === '?' && afterWord && (gap !== '' || isChinese(next));
}

function continuesLine(text: string, last: Token, next: Token): boolean {
  if (/[.。!;:]/.test(last.text)) return false;
  return /^[a-z(]/.test(text.slice(next.start, next.start + 1));
}
