/** Why a text is not JSON that Meridian takes. `position` counts UTF-16 units from the start; no text is quoted. */
export class JsonError extends Error {
  readonly position: number;

  constructor(position: number, sentence: string) {
    super(sentence);
    this.name = 'JsonError';
    this.position = position;
  }
}

const STRUCTURE =
  'Expected a value, a key, a comma or a closing bracket here; the JSON is cut short or has a stray character.';
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/** Position of the quote that closes the string opened at `open`, or -1. */
export function endOfString(text: string, open: number): number {
  let end = text.indexOf('"', open + 1);
  while (end > 0 && text[end - 1] === '\\') {
    let first = end - 1;
    while (text[first - 1] === '\\') first--;
    // An even run of backslashes escapes itself and leaves the quote alone.
    if ((end - first) % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return end;
}

/**
 * Reads the text strictly and slowly and throws a `JsonError` at the first thing that is wrong with it; returns when
 * nothing is. Only runs on texts that the fast path of `parseJson` refused or doubted. Its stack is the heap's, so depth
 * costs nothing but memory.
 */
export function diagnoseJson(text: string, depth: number): void {
  new Diagnosis(text, depth).run();
}

class Diagnosis {
  readonly #text: string;
  readonly #depth: number;
  #at = 0;
  /** For every open bracket: the keys seen in an object, or null for an array. */
  readonly #open: (Set<string> | null)[] = [];

  constructor(text: string, depth: number) {
    this.#text = text;
    this.#depth = depth;
  }

  run(): void {
    this.#match(SPACE);
    let complete = this.#value();
    while (this.#open.length > 0) complete = complete ? this.#afterValue() : this.#value();
    this.#match(SPACE);
    if (this.#at < this.#text.length) throw new JsonError(this.#at, 'Remove what follows the end of the JSON value.');
  }

  /** Reads a scalar (true) or opens an object or array that is not empty (false: a value must follow). */
  #value(): boolean {
    const char = this.#text[this.#at];
    if (char === '{' || char === '[') return this.#openBracket(char);
    if (char === '"') {
      this.#string();
    } else if (char === '-' || (char !== undefined && char >= '0' && char <= '9')) {
      this.#number();
    } else if (this.#match(LITERAL) === '') {
      throw new JsonError(this.#at, STRUCTURE);
    }
    return true;
  }

  #openBracket(char: '{' | '['): boolean {
    if (this.#open.length >= this.#depth) {
      throw new JsonError(this.#at, `The JSON is nested deeper than ${this.#depth} levels; flatten it.`);
    }
    this.#at++;
    this.#match(SPACE);
    if (this.#text[this.#at] === (char === '{' ? '}' : ']')) {
      this.#at++;
      return true;
    }
    this.#open.push(char === '{' ? new Set() : null);
    if (char === '{') this.#key();
    return false;
  }

  /** After a value inside brackets: a comma (false: a value must follow) or the closing bracket (true). */
  #afterValue(): boolean {
    this.#match(SPACE);
    const keys = this.#open[this.#open.length - 1];
    const char = this.#text[this.#at];
    if (char === ',') {
      this.#at++;
      this.#match(SPACE);
      if (keys) this.#key();
      return false;
    }
    if (char !== (keys ? '}' : ']')) throw new JsonError(this.#at, STRUCTURE);
    this.#at++;
    this.#open.pop();
    return true;
  }

  #key(): void {
    const start = this.#at;
    if (this.#text[start] !== '"') throw new JsonError(start, 'Expected a key in double quotes here.');
    const key = this.#string();
    const keys = this.#open[this.#open.length - 1];
    if (key === '__proto__') throw new JsonError(start, 'The key "__proto__" is not allowed; remove it.');
    if (keys?.has(key)) throw new JsonError(start, 'This key stands twice in one object; keep one of them.');
    keys?.add(key);
    this.#match(SPACE);
    if (this.#text[this.#at] !== ':') throw new JsonError(this.#at, 'Expected a colon after the key here.');
    this.#at++;
    this.#match(SPACE);
  }

  #string(): string {
    const start = this.#at;
    const value = this.#parseString();
    if (value === undefined) {
      throw new JsonError(start, 'This string is not closed, or holds a control character or an unknown escape.');
    }
    if (value.includes('\0')) throw new JsonError(start, 'This string holds a NUL character; remove it.');
    if (!value.isWellFormed()) {
      throw new JsonError(start, 'This string holds half of a surrogate pair; send well-formed Unicode.');
    }
    return value;
  }

  #parseString(): string | undefined {
    const close = endOfString(this.#text, this.#at);
    if (close < 0) return undefined;
    const source = this.#text.slice(this.#at, close + 1);
    this.#at = close + 1;
    try {
      return JSON.parse(source) as string;
    } catch {
      return undefined;
    }
  }

  #number(): void {
    const start = this.#at;
    const source = this.#match(NUMBER);
    if (source === '') throw new JsonError(start, 'This is not a JSON number; write it like -12.50 or 1e3.');
    if (!Number.isFinite(Number(source))) {
      throw new JsonError(start, 'This number is out of range; the largest is about 1.8e308.');
    }
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
