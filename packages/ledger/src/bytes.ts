import { LedgerError } from './error.ts';

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/** Joins byte strings. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether two byte strings are the same. Not constant time: used on public values (hashes, keys) only. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** UTF-8 bytes of a string. Throws `bad-encoding` on a lone surrogate, which UTF-8 cannot carry. */
export function toUtf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new LedgerError('bad-encoding', 'The text holds half a surrogate pair; correct it.');
  return utf8Encoder.encode(text);
}

/** String of UTF-8 bytes, byte order mark kept. Throws `bad-encoding` on anything that is not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return utf8Decoder.decode(bytes);
  } catch {
    throw new LedgerError('bad-encoding', 'The bytes are not UTF-8; check that the file was not altered in transfer.');
  }
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

/** Standard Base 64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // 8,192 at a time: String.fromCharCode takes its characters as arguments, and an argument list has a limit.
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

/**
 * Bytes of canonical standard Base 64. Anything a second encoder would write differently (missing padding, spaces,
 * spare bits set) throws `bad-encoding`: otherwise one signature would have many spellings.
 */
export function fromBase64(text: string): Uint8Array {
  let binary: string | undefined;
  try {
    binary = atob(text);
  } catch {
    binary = undefined;
  }
  if (binary === undefined || btoa(binary) !== text) {
    throw new LedgerError('bad-encoding', 'The value is not canonical Base 64 (RFC 4648 section 4).');
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * A count or index in ASCII decimal without leading zeroes, up to 2^53 - 1 (the specifications allow 2^63 - 1; a tree
 * that large is refused rather than miscounted). Throws `bad-encoding`.
 */
export function parseDecimal(text: string): number {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new LedgerError('bad-encoding', 'The number is not a decimal without leading zeroes below 2^53.');
  }
  return value;
}

/** Eight bytes, big-endian, of a safe integer. */
export function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value >>> 0);
  return bytes;
}

/** The safe integer in eight big-endian bytes at `at`; undefined where it is 2^53 or more. */
export function readUint64(bytes: Uint8Array, at: number): number | undefined {
  const value = Number(new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0));
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Whether there is an ASCII control character other than a newline, which no signed note may hold. */
export function hasControlCharacter(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids just these.
  return /[\u0000-\u0009\u000b-\u001f]/.test(text);
}
