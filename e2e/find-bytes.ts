import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Where a text was found, and how it was written there. */
export interface Found {
  name: string;
  encoding: string;
  file: string;
  offset: number;
}

interface Pattern {
  name: string;
  encoding: string;
  bytes: Buffer;
}

const PIECE = 4 * 1024 * 1024;

/**
 * The ways in which a text may lie on a disk: UTF-8, UTF-16, hexadecimal (as PostgreSQL shows bytea), base64 at each of
 * the three offsets it may have inside a longer text, percent-encoded, and with JSON's \u escapes; each as it is, in
 * lower and in upper case.
 */
export function encodingsOf(text: string): { encoding: string; bytes: Buffer }[] {
  const forms = new Map<string, Buffer>();
  for (const form of new Set([text, text.toLowerCase(), text.toUpperCase()])) {
    const utf8 = Buffer.from(form, 'utf8');
    const utf16 = Buffer.from(form, 'utf16le');
    const add = (encoding: string, bytes: Buffer): unknown =>
      forms.set(`${encoding} of ${bytes.toString('hex')}`, bytes);
    add('UTF-8', utf8);
    add('UTF-16LE', utf16);
    add('UTF-16BE', Buffer.from(utf16).swap16());
    add('hex', Buffer.from(utf8.toString('hex')));
    add('HEX', Buffer.from(utf8.toString('hex').toUpperCase()));
    for (const shift of [0, 1, 2]) add('base64', insideBase64(utf8, shift));
    add('percent', Buffer.from(encodeURIComponent(form)));
    add('JSON escapes', Buffer.from(form.replace(/[^ -~]/g, escaped)));
  }
  return [...forms].map(([key, bytes]) => ({ encoding: key.slice(0, key.indexOf(' of ')), bytes }));
}

/** The part of the base64 of something longer that depends on these bytes alone. */
function insideBase64(bytes: Buffer, shift: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const first = shift === 0 ? 0 : shift + 1;
  const whole = Math.floor(((shift + bytes.length) * 8) / 6);
  return Buffer.from(text.slice(first, whole));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Every place below a folder where one of these texts lies in any of its encodings; names of files are looked at too. */
export async function findTexts(folder: string, texts: Readonly<Record<string, string>>): Promise<Found[]> {
  const patterns = Object.entries(texts).flatMap(([name, text]) =>
    encodingsOf(text).map(({ encoding, bytes }) => ({ name, encoding, bytes })),
  );
  const search = new Search(patterns);
  const found: Found[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const file = relative(folder, path);
    found.push(...search.in(Buffer.from(entry.name), 0).map((hit) => ({ ...hit, file: `name of ${file}` })));
    if (entry.isFile()) found.push(...(await searchFile(path, search)).map((hit) => ({ ...hit, file })));
  }
  return found;
}

async function searchFile(path: string, search: Search): Promise<Omit<Found, 'file'>[]> {
  // a running database removes files
  const file = await open(path).catch(() => undefined);
  if (!file) return [];
  const found: Omit<Found, 'file'>[] = [];
  try {
    const buffer = Buffer.alloc(PIECE + search.longest);
    let kept = 0;
    for (let at = 0; ; ) {
      const { bytesRead } = await file.read(buffer, kept, PIECE, at);
      if (bytesRead === 0) return found;
      const filled = kept + bytesRead;
      found.push(...search.in(buffer.subarray(0, filled), at - kept));
      at += bytesRead;
      // what may be the beginning of a text that goes on in the next piece
      kept = Math.min(filled, search.longest - 1);
      buffer.copyWithin(0, filled - kept, filled);
    }
  } finally {
    await file.close();
  }
}

/** Many byte strings at once: only where two bytes begin one of them is anything compared. */
class Search {
  readonly longest: number;
  readonly #starts = new Uint8Array(65_536);
  readonly #byStart = new Map<number, Pattern[]>();

  constructor(patterns: readonly Pattern[]) {
    this.longest = Math.max(...patterns.map(({ bytes }) => bytes.length));
    for (const pattern of patterns) {
      if (pattern.bytes.length < 7) throw new RangeError(`${pattern.name} is so short that it occurs by chance`);
      const start = pattern.bytes.readUInt16BE(0);
      this.#starts[start] = 1;
      this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), pattern]);
    }
  }

  in(buffer: Buffer, offset: number): Omit<Found, 'file'>[] {
    const found: Omit<Found, 'file'>[] = [];
    const starts = this.#starts;
    const last = buffer.length - 1;
    for (let i = 0; i < last; i++) {
      const start = ((buffer[i] as number) << 8) | (buffer[i + 1] as number);
      if (starts[start] === 0) continue;
      for (const { name, encoding, bytes } of this.#byStart.get(start) ?? []) {
        if (buffer.compare(bytes, 0, bytes.length, i, Math.min(i + bytes.length, buffer.length)) === 0) {
          found.push({ name, encoding, offset: offset + i });
        }
      }
    }
    return found;
  }
}
