import type { Delimiters } from './delimiters.ts';

/** Longest escape sequence that is read as one; a lone escape character is itself. */
const LONGEST = 64;

/**
 * Text as it was meant (HL7 v2.9 §2.7): delimiters, line breaks and spaces of formatted text, hexadecimal characters.
 * Highlighting (`\H\`, `\N\`) is left out; sequences of the sender's own (`\Z…\`) and unknown ones stay as they are.
 */
export function unescapeText(text: string, delimiters: Delimiters): string {
  const { escape: mark } = delimiters;
  if (mark === '' || !text.includes(mark)) return text;
  let result = '';
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf(mark, at);
    if (open < 0) return result + text.slice(at);
    result += text.slice(at, open);
    const close = text.indexOf(mark, open + 1);
    const meaning =
      close > open && close - open <= LONGEST ? meaningOf(text.slice(open + 1, close), delimiters) : undefined;
    if (meaning === undefined) {
      result += mark;
      at = open + 1;
    } else {
      result += meaning;
      at = close + 1;
    }
  }
  return result;
}

function meaningOf(sequence: string, delimiters: Delimiters): string | undefined {
  switch (sequence) {
    case 'F':
      return delimiters.field;
    case 'S':
      return delimiters.component;
    case 'T':
      return delimiters.subcomponent;
    case 'R':
      return delimiters.repetition;
    case 'E':
      return delimiters.escape;
    case 'P':
      return delimiters.truncation;
    case 'H':
    case 'N':
      return '';
    case '.br':
    case '.BR':
    case '.ce':
    case '.CE':
      return '\n';
    default:
      return hexadecimal(sequence) ?? formatted(sequence) ?? kept(sequence, delimiters);
  }
}

/** `\Xdddd\`: bytes, read as UTF-8 where they are, else as Latin-1. */
function hexadecimal(sequence: string): string | undefined {
  const digits = /^X((?:[0-9A-Fa-f]{2})+)$/.exec(sequence)?.[1];
  if (digits === undefined) return undefined;
  const bytes = Buffer.from(digits, 'hex');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** `.sp`, `.sp2`, `.in4`, `.ti3`, `.sk5`, `.fi`, `.nf` (§2.7.6). */
function formatted(sequence: string): string | undefined {
  const [, command, count] = /^\.(sp|sk|in|ti|fi|nf)\+?(-?\d{0,3})$/i.exec(sequence) ?? [];
  const times = Math.min(Math.max(Number(count || '1'), 0), 80);
  switch (command?.toLowerCase()) {
    case 'sp':
      return '\n'.repeat(times);
    case 'sk':
    case 'in':
    case 'ti':
      return ' '.repeat(times);
    case 'fi':
    case 'nf':
      return '';
    default:
      return undefined;
  }
}

/** Character set switches (`\Cxxyy\`, `\Mxxyyzz\`) and sequences of the sender's own are not understood, and kept. */
function kept(sequence: string, { escape: mark }: Delimiters): string | undefined {
  return /^[CMZ]/.test(sequence) ? `${mark}${sequence}${mark}` : undefined;
}

/** The inverse: text that can stand between delimiters. */
export function escapeText(text: string, delimiters: Delimiters): string {
  const { field, component, repetition, escape: mark, subcomponent } = delimiters;
  const sequences = new Map([
    [mark, 'E'],
    [field, 'F'],
    [component, 'S'],
    [repetition, 'R'],
    [subcomponent, 'T'],
    ['\n', '.br'],
    ['\r', 'X0D'],
  ]);
  let result = '';
  for (const character of text) {
    const sequence = sequences.get(character);
    result += sequence === undefined ? character : `${mark}${sequence}${mark}`;
  }
  return result;
}
