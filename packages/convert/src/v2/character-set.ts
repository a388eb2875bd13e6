import iconv from 'iconv-lite';
import { ConversionError } from '../evidence/converter.ts';

/** Names of HL7 table 0211 and what decodes them. */
const ENCODINGS: Readonly<Record<string, string>> = {
  ASCII: 'windows-1252',
  '8859/1': 'iso-8859-1',
  '8859/2': 'iso-8859-2',
  '8859/3': 'iso-8859-3',
  '8859/4': 'iso-8859-4',
  '8859/5': 'iso-8859-5',
  '8859/6': 'iso-8859-6',
  '8859/7': 'iso-8859-7',
  '8859/8': 'iso-8859-8',
  '8859/9': 'iso-8859-9',
  '8859/15': 'iso-8859-15',
  'ISO IR6': 'windows-1252',
  'ISO IR14': 'shift_jis',
  'ISO IR87': 'euc-jp',
  'ISO IR159': 'euc-jp',
  'KS X 1001': 'euc-kr',
  'GB 18030-2000': 'gb18030',
  'BIG-5': 'big5hkscs',
  'CNS 11643-1992': 'big5hkscs',
  UNICODE: 'utf8',
  'UNICODE UTF-8': 'utf8',
  'UNICODE UTF-16': 'utf-16',
  'UNICODE UTF-32': 'utf-32',
};
/** As senders write the names all the same. */
const ALIASES: Readonly<Record<string, string>> = {
  'UTF-8': 'UNICODE UTF-8',
  UTF8: 'UNICODE UTF-8',
  'UNICODE UTF8': 'UNICODE UTF-8',
  'ISO-8859-1': '8859/1',
  'ISO 8859-1': '8859/1',
  'ISO8859-1': '8859/1',
  GB18030: 'GB 18030-2000',
  'GB 18030': 'GB 18030-2000',
  GBK: 'GB 18030-2000',
  GB2312: 'GB 18030-2000',
  BIG5: 'BIG-5',
};

/** What MSH-18 names, or undefined for a name that nothing here decodes. */
export function knownCharacterSet(name: string): string | undefined {
  const upper = name.trim().toUpperCase();
  const standard = ALIASES[upper] ?? upper;
  return standard in ENCODINGS ? standard : undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/**
 * The text of a message and its character set. MSH-18 decides (its first repetition); where it is empty, UTF-8 if the
 * bytes are that, else Windows-1252, which is what senders without MSH-18 mean by 8-bit characters.
 */
export function decodeMessage(bytes: Uint8Array): { text: string; characterSet: string } {
  if (hasUtf16Mark(bytes)) return { text: iconv.decode(Buffer.from(bytes), 'utf-16'), characterSet: 'UNICODE UTF-16' };
  const declared = declaredSet(bytes);
  if (declared === '') {
    try {
      return { text: utf8.decode(bytes), characterSet: 'UNICODE UTF-8' };
    } catch {
      return { text: iconv.decode(Buffer.from(bytes), 'windows-1252'), characterSet: '8859/1' };
    }
  }
  const set = knownCharacterSet(declared);
  if (set === undefined) {
    throw new ConversionError('MSH-18 names a character set that is not in HL7 table 0211; correct it.', 'MSH-18');
  }
  return { text: iconv.decode(Buffer.from(bytes), ENCODINGS[set] as string), characterSet: set };
}

/** The bytes of a text in a set of table 0211. */
export function encodeText(text: string, characterSet: string): Uint8Array {
  const set = knownCharacterSet(characterSet);
  if (set === undefined) throw new ConversionError('There is no such character set in HL7 table 0211.');
  return iconv.encode(text, ENCODINGS[set] as string);
}

/** Longest MSH that is looked through for its character set. */
const LONGEST_MSH = 4096;

/** MSH-18 read as ASCII: delimiters and names of sets are ASCII in every set that a message may be in. */
function declaredSet(bytes: Uint8Array): string {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const head = Buffer.from(bytes.subarray(start, start + LONGEST_MSH)).toString('latin1');
  const at = head.indexOf('MSH');
  if (at < 0) return '';
  const line = head.slice(at).split(/[\r\n]/, 1)[0] ?? '';
  const separator = line.charAt(3);
  const field = line.split(separator)[17] ?? '';
  const repetition = line.charAt(5) || '~';
  return field.split(repetition, 1)[0] ?? '';
}

function hasUtf16Mark(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}
