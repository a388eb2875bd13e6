import pairs from '../../data/text/script-pairs.json' with { type: 'json' };
import type { Span } from './span.ts';

/** An English word or number, one Chinese character, or one mark, folded so that spellings that mean the same are the same. */
export interface Token extends Span {
  text: string;
}

const simplified: ReadonlyMap<string, string> = new Map(
  [...pairs.traditional.join('')].map((character, index) => [character, [...pairs.simplified.join('')][index] ?? '']),
);

/** Marks of Chinese type and the ones of Latin type that do the same. */
const MARKS: Readonly<Record<string, string>> = {
  '，': ',',
  '：': ':',
  '；': ';',
  '（': '(',
  '）': ')',
  '？': '?',
  '！': '!',
  '－': '-',
  '﹣': '-',
  '−': '-',
};

// A hyphen inside a word only parts it (ground-glass, ground glass); elsewhere it is a mark: "(-)" says negative.
const TOKEN = /\d+(?:\.\d+)?|[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)?|(?<=[A-Za-z\d])-(?=[A-Za-z\d])|\S/gu;

/** The tokens of a text, in order; time grows with its length only. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { 0: raw, index } of text.matchAll(TOKEN)) {
    if (raw === '-' && isInsideWord(text, index)) continue;
    tokens.push({ text: foldToken(raw), start: index, end: index + raw.length });
  }
  return tokens;
}

function isInsideWord(text: string, index: number): boolean {
  return /[A-Za-z\d]/.test(text[index - 1] ?? '') && /[A-Za-z\d]/.test(text[index + 1] ?? '');
}

/**
 * One spelling for a word: no case, British and American alike (oedema, edema; tumour, tumor), singular; Chinese characters
 * in their simplified form. Words are only compared after it, never shown.
 */
function foldToken(raw: string): string {
  if (raw.length === 1 && raw >= '\u2e80') return simplified.get(raw) ?? MARKS[raw] ?? raw;
  const first = raw.charCodeAt(0);
  if (first < 65 || raw.length === 1) return raw.toLowerCase();
  return singular(raw.toLowerCase().replace('’', "'").replace(/ae|oe/g, 'e').replace(/our$/, 'or'));
}

function singular(word: string): string {
  if (word.length < 4 || !word.endsWith('s') || /(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  return word.slice(0, -1);
}

/** Whether the token is Chinese writing. */
export function isChinese(token: Token): boolean {
  return token.text.length === 1 && token.text >= '\u3400' && token.text <= '\u9fff';
}
