import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { ConversionError } from '../evidence/converter.ts';
import { isUtf16, zeros } from './detect-format.ts';

/** Legacy encodings that are tried, the likeliest in Hong Kong and in China first. */
const LEGACY = ['big5', 'gb18030', 'shift_jis', 'euc-kr'] as const;
const LATIN = 'windows-1252';
/** The most frequent characters of running Chinese, in both scripts, and of Japanese: chance does not write these. */
const FREQUENT = new Set(
  '的一是不了在人有我他這这個个們们中來来上大為为和國国地到以說说時时要就出會会可也你對对生能而子那得於着下自之年過过後后作裏里病人患者醫医藥药血診诊斷断。，、のをにはがでとした',
);

/**
 * Text in whatever encoding it came: its byte order mark, UTF-8 where it is valid, UTF-16 by its zeros, the declared
 * charset, and else the legacy encoding in which it reads best.
 *
 * @param declared charset of a Content-Type, such as `big5`
 * @throws ConversionError where the declared charset is unknown
 */
export function decodeText(source: Uint8Array, declared?: string): { text: string; encoding: string } {
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  const encoding = encodingOf(bytes, declared);
  return { text: iconv.decode(bytes, encoding), encoding };
}

function encodingOf(bytes: Buffer, declared: string | undefined): string {
  if (isUtf16(bytes.subarray(0, 4096))) return isBigEndian(bytes) ? 'utf-16be' : 'utf-16le';
  if (isUtf8(bytes)) return 'utf-8';
  if (declared !== undefined && !/^utf-?8$/i.test(declared)) {
    if (!iconv.encodingExists(declared)) {
      throw new ConversionError(
        'The charset of the text is not known here; send it as UTF-8, or leave the charset out.',
      );
    }
    return declared.toLowerCase();
  }
  const head = bytes.subarray(0, 64 * 1024);
  const [best] = LEGACY.map((name) => ({ name, score: scoreOf(iconv.decode(head, name)) })).sort(
    (a, b) => b.score - a.score,
  );
  return best && best.score > 0 ? best.name : LATIN;
}

function isBigEndian(bytes: Buffer): boolean {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return false;
  return (bytes[0] === 0xfe && bytes[1] === 0xff) || zeros(bytes.subarray(0, 4096), 0) > 0;
}

/** Frequent characters count for an encoding, what it cannot read counts against it. */
function scoreOf(text: string): number {
  let score = 0;
  for (const character of text) {
    if (FREQUENT.has(character)) score += 2;
    else if (character === '\ufffd' || (character >= '\ue000' && character <= '\uf8ff')) score -= 10;
  }
  return score;
}
