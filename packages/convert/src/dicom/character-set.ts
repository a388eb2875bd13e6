import iconv from 'iconv-lite';

/**
 * Text in the character sets of Specific Character Set (0008,0005): single sets, and code extensions by ISO 2022 escapes
 * (PS3.3 §C.12.1.1.2, PS3.5 §6.1 and annexes H to K). Bytes that are not of their set become U+FFFD.
 */
export interface TextDecoder2022 {
  decode(bytes: Uint8Array): string;
}

/** Sets that are used alone: no escapes (PS3.3 table C.12-2 and C.12-5). */
const WHOLE: Readonly<Record<string, string>> = {
  'ISO_IR 192': 'utf8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** The upper half (G1) of sets of one byte, by the number of their registration. */
const SINGLE: Readonly<Record<string, string>> = {
  '6': 'ascii',
  '100': 'iso88591',
  '101': 'iso88592',
  '109': 'iso88593',
  '110': 'iso88594',
  '144': 'iso88595',
  '127': 'iso88596',
  '126': 'iso88597',
  '138': 'iso88598',
  '148': 'iso88599',
  '203': 'iso885915',
  '166': 'tis620',
  '13': 'shift_jis',
};

/** How the bytes after an escape are read. `seven`: two bytes below 0x80 for each character. */
interface Designation {
  encoding: string;
  seven?: boolean;
  /** Put before each pair: EUC-JP's code for JIS X 0212. */
  prefix?: number;
}

/** Escape sequences without the ESC (PS3.3 tables C.12-3 and C.12-4). */
const ESCAPES: Readonly<Record<string, Designation>> = {
  '(B': { encoding: 'ascii' },
  '-A': { encoding: 'iso88591' },
  '-B': { encoding: 'iso88592' },
  '-C': { encoding: 'iso88593' },
  '-D': { encoding: 'iso88594' },
  '-L': { encoding: 'iso88595' },
  '-G': { encoding: 'iso88596' },
  '-F': { encoding: 'iso88597' },
  '-H': { encoding: 'iso88598' },
  '-M': { encoding: 'iso88599' },
  '-b': { encoding: 'iso885915' },
  '-T': { encoding: 'tis620' },
  '(J': { encoding: 'shift_jis' },
  ')I': { encoding: 'shift_jis' },
  $B: { encoding: 'euc-jp', seven: true },
  '$(D': { encoding: 'euc-jp', seven: true, prefix: 0x8f },
  '$)C': { encoding: 'euc-kr' },
  '$)A': { encoding: 'gb2312' },
};

const ESC = 0x1b;
/** Line ends, tabs and the delimiters of values and name parts: after them the first set applies again (PS3.5 §6.1.2.5.3). */
const RESETS = new Set([0x0a, 0x0c, 0x0d, 0x09]);

/**
 * @param terms the values of Specific Character Set; an empty first one is the default repertoire
 * @param delimiters bytes that end the effect of an escape: `\` for most texts, also `^` and `=` for names
 */
export function textDecoder(terms: readonly string[], delimiters = '\\'): TextDecoder2022 {
  const [first = ''] = terms;
  const whole = WHOLE[first];
  if (whole !== undefined) return { decode: (bytes) => iconv.decode(Buffer.from(bytes), whole) };
  const initial = { encoding: SINGLE[/(\d+)$/.exec(first)?.[1] ?? '6'] ?? 'ascii' };
  const resets = new Set([...RESETS, ...Buffer.from(delimiters, 'latin1')]);
  return { decode: (bytes) => decode2022(Buffer.from(bytes), initial, resets) };
}

function decode2022(bytes: Buffer, initial: Designation, resets: ReadonlySet<number>): string {
  let text = '';
  let designation = initial;
  let from = 0;
  const flush = (to: number): void => {
    if (to > from) text += decodeRun(bytes.subarray(from, to), designation);
  };
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === ESC) {
      const [sequence, next] = escapeAt(bytes, at + 1);
      if (next === undefined) continue;
      flush(at);
      designation = next;
      from = at + 1 + sequence.length;
      at = from - 1;
    } else if (resets.has(byte) && (!designation.seven || byte < 0x21)) {
      // in a set of two seven-bit bytes a delimiter's code can be half of a character; such a set ends by an escape
      flush(at);
      from = at;
      designation = initial;
    }
  }
  flush(bytes.length);
  return text;
}

function escapeAt(bytes: Buffer, at: number): [string, Designation | undefined] {
  for (const length of [2, 3]) {
    const sequence = bytes.toString('latin1', at, at + length);
    const found = ESCAPES[sequence];
    if (found) return [sequence, found];
  }
  return ['', undefined];
}

function decodeRun(run: Buffer, { encoding, seven, prefix }: Designation): string {
  if (encoding === 'ascii') return run.toString('latin1').replace(/[\x80-\xff]/g, '\ufffd');
  if (!seven) return iconv.decode(run, encoding);
  const shifted: number[] = [];
  for (let at = 0; at < run.length; at += 2) {
    const [high = 0, low] = [run[at], run[at + 1]];
    if (low === undefined || high < 0x21) {
      shifted.push(high);
      at--;
    } else {
      if (prefix !== undefined) shifted.push(prefix);
      shifted.push(high | 0x80, low | 0x80);
    }
  }
  return iconv.decode(Buffer.from(shifted), encoding);
}
