import { UnreadableFile } from './source.ts';
import { LARGEST_UNIT } from './unit.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Longest key or value of the outermost object that is looked at, in bytes. */
const LONGEST_NAME = 64;

/**
 * Finds the entries of a Bundle in a stream of bytes that is too large to be held: the outermost object's member `entry`,
 * an array whose elements are given out one by one, as they stand. It only follows strings and brackets; whoever takes an
 * entry parses it.
 */
export class EntryScanner {
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The last string at the outermost level, and the key before it. */
  #text: number[] = [];
  #last = '';
  #key = '';
  /** Between `[` and `]` of the entries. */
  #inEntries = false;
  #seenEntries = false;
  #ended = false;
  /** Bytes of the entry that has begun. */
  #begun: Buffer[] = [];
  #begunSize = 0;
  /** `resourceType` of the outermost object, as far as it has been seen. */
  resourceType: string | undefined;

  /** Takes the next bytes and gives the entries that end in them. Throws UnreadableFile. */
  push(chunk: Buffer): Buffer[] {
    const entries: Buffer[] = [];
    // where the current entry begins in this chunk; an entry that began before begins at 0
    let from = this.#insideEntry ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#inString) {
        at = this.#string(chunk, at);
      } else if (byte === QUOTE) {
        this.#inString = true;
        this.#text = [];
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (this.#inEntries && this.#depth === 2) from = at;
        this.#open(byte);
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#close();
        if (this.#inEntries && this.#depth === 2) {
          entries.push(this.#finish(chunk.subarray(from, at + 1)));
          from = -1;
        }
      } else if (this.#depth === 1) this.#between(byte);
    }
    if (this.#insideEntry) this.#keep(chunk.subarray(Math.max(0, from)));
    return entries;
  }

  /** Throws UnreadableFile if the object is not complete. */
  end(): void {
    if (!this.#ended) throw new UnreadableFile('Its JSON ends too early: the file is not complete.');
  }

  get #insideEntry(): boolean {
    return this.#inEntries && this.#depth > 2;
  }

  /** Goes on through a string to its end or the end of the chunk; gives the place of the last byte looked at. */
  #string(chunk: Buffer, start: number): number {
    // deep strings are skipped: only names of the outermost object are read
    const reading = this.#depth === 1;
    for (let at = start; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) {
        this.#inString = false;
        if (reading) this.#last = Buffer.from(this.#text).toString('latin1');
        if (reading && this.#key === 'resourceType') this.resourceType = this.#last;
        return at;
      } else if (reading && this.#text.length < LONGEST_NAME) this.#text.push(byte);
    }
    return chunk.length;
  }

  #open(byte: number): void {
    if (this.#ended) throw new UnreadableFile('Something follows after the end of its JSON.');
    if (this.#depth === 1 && this.#key === 'entry' && byte === OPEN_BRACKET) {
      if (this.#seenEntries) throw new UnreadableFile('Its Bundle has two lists of entries.');
      this.#inEntries = true;
      this.#seenEntries = true;
    }
    this.#depth++;
  }

  #close(): void {
    this.#depth--;
    if (this.#depth < 0) throw new UnreadableFile('Its JSON has a bracket too many.');
    if (this.#depth === 1) this.#inEntries = false;
    if (this.#depth === 0) this.#ended = true;
  }

  #between(byte: number): void {
    if (byte === 0x3a) this.#key = this.#last;
    else if (byte === COMMA) this.#key = '';
  }

  #keep(bytes: Buffer): void {
    this.#begun.push(Buffer.from(bytes));
    this.#begunSize += bytes.length;
    if (this.#begunSize > LARGEST_UNIT) throw new UnreadableFile('It has an entry of more than 64 MB.');
  }

  #finish(end: Buffer): Buffer {
    const entry = Buffer.concat([...this.#begun, end]);
    this.#begun = [];
    this.#begunSize = 0;
    return entry;
  }
}
