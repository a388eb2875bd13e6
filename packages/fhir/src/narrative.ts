import { addressAttributes, commonAttributes, narrativeElements, ownAttributes } from './narrative-vocabulary.ts';
import type { Walk } from './validate/walk.ts';

const NAMESPACE = 'http://www.w3.org/1999/xhtml';
/** Characters; the limit of strings is not that of XHTML in R4, and generated tables of codes are long. */
const MAX_LENGTH = 4 * 1024 * 1024;
const MAX_NESTING = 100;

const TEXT = /[^<&]+/y;
const ENTITY = /&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});/y;
const START_TAG = /<([A-Za-z][A-Za-z0-9]*)/y;
const ATTRIBUTE = /\s+([A-Za-z_][A-Za-z0-9_.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_CLOSE = /\s*(\/?)>/y;
const END_TAG = /<\/([A-Za-z][A-Za-z0-9]*)\s*>/y;

const MALFORMED =
  'Write well-formed XHTML: one <div> with every tag closed, attributes in quotes, and & written as &amp;.';

/** Checks `Narrative.div` and adds at most one finding to the walk. */
export function checkNarrativeDiv(value: unknown, walk: Walk): void {
  const sentence = narrativeProblem(value);
  if (sentence !== undefined) walk.error(typeof value === 'string' ? 'invariant' : 'value', sentence);
}

/**
 * What is wrong with the XHTML of a narrative, or nothing. It must be one well-formed `<div>` in the XHTML namespace, of
 * the elements and attributes that R4 allows (txt-1), with something to see in it (txt-2), and nothing that runs: no
 * script, event attribute or address of another scheme than http, https, ftp, mailto, tel, urn or, for images, a picture as data.
 */
export function narrativeProblem(div: unknown): string | undefined {
  if (typeof div !== 'string') return 'Write the XHTML in a JSON string.';
  if (div.length > MAX_LENGTH) return 'Shorten the narrative to at most 4,194,304 characters.';
  return new Scanner(div).problem();
}

/** Reads one narrative from left to right. Patterns are sticky, so nothing is copied until an attribute needs a look. */
class Scanner {
  readonly #div: string;
  readonly #open: string[] = [];
  #at = 0;
  #visible = false;

  constructor(div: string) {
    this.#div = div.trim();
  }

  problem(): string | undefined {
    if (!this.#div.startsWith('<div')) return MALFORMED;
    do {
      const sentence = this.#next();
      if (sentence !== undefined) return sentence;
    } while (this.#open.length > 0);
    if (this.#at !== this.#div.length) return MALFORMED;
    return this.#visible ? undefined : 'Write some text or an image into the narrative, or leave it out (txt-2).';
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#div);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  #next(): string | undefined {
    const unit = this.#div.charCodeAt(this.#at);
    if (unit !== 60 /* < */) return this.#text(unit);
    const second = this.#div.charCodeAt(this.#at + 1);
    if (second === 47 /* / */) {
      const end = this.#match(END_TAG);
      return end && this.#open.pop() === end[1] ? undefined : MALFORMED;
    }
    if (second === 33 /* ! */) return this.#comment();
    return this.#startTag();
  }

  /** XML, section 2.5: a comment holds no two hyphens in a row. */
  #comment(): string | undefined {
    if (!this.#div.startsWith('<!--', this.#at)) return MALFORMED;
    const end = this.#div.indexOf('--', this.#at + 4);
    if (end < 0 || this.#div[end + 2] !== '>') return MALFORMED;
    this.#at = end + 3;
    return undefined;
  }

  #text(unit: number): string | undefined {
    const match = this.#match(unit === 38 /* & */ ? ENTITY : TEXT);
    if (!match) return MALFORMED;
    this.#visible ||= unit === 38 || /\S/.test(match[0]);
    return undefined;
  }

  #startTag(): string | undefined {
    const name = this.#match(START_TAG)?.[1];
    if (name === undefined) return MALFORMED;
    if (!narrativeElements.has(name)) return 'Remove the element that R4 does not allow in a narrative (txt-1).';
    const problem = this.#attributes(name);
    if (problem !== undefined) return problem;
    const close = this.#match(TAG_CLOSE);
    if (!close) return MALFORMED;
    if (name === 'img') this.#visible = true;
    if (close[1] === '') {
      if (this.#open.length >= MAX_NESTING) return `Flatten the narrative to at most ${MAX_NESTING} levels.`;
      this.#open.push(name);
    } else if (this.#open.length === 0) {
      return 'Write some text or an image into the narrative, or leave it out (txt-2).';
    }
    return undefined;
  }

  #attributes(element: string): string | undefined {
    const isRoot = this.#open.length === 0;
    const seen: string[] = [];
    for (let match = this.#match(ATTRIBUTE); match; match = this.#match(ATTRIBUTE)) {
      const name = match[1] ?? '';
      const problem = seen.includes(name) ? MALFORMED : attributeProblem(element, name, match[2] ?? match[3] ?? '');
      if (problem !== undefined) return problem;
      seen.push(name);
    }
    if (isRoot && !seen.includes('xmlns')) return `Give the outermost <div> xmlns="${NAMESPACE}".`;
    return undefined;
  }
}

const BARE_AMPERSAND = /&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)/;
const STYLE_ADDRESS = /url\(['"]?([^'")]*)['"]?\)/g;
const STYLE_THAT_ACTS = /url\(|expression|@import|script:|behavior|-moz-binding|\\/;
const SCHEME = /^([a-z][a-z0-9+.-]*):/;
const SCHEMES = new Set(['http', 'https', 'ftp', 'mailto', 'tel', 'urn']);
const PICTURE = /^data:image\/(png|gif|jpeg|jpg|webp|bmp);base64,[a-z0-9+/=]*$/;

function attributeProblem(element: string, name: string, value: string): string | undefined {
  if (!commonAttributes.has(name) && !ownAttributes.get(element)?.has(name)) {
    return 'Remove the attribute that R4 does not allow in a narrative (txt-1).';
  }
  if (BARE_AMPERSAND.test(value)) return MALFORMED;
  if (name === 'xmlns') return value === NAMESPACE ? undefined : `Write the narrative in the namespace ${NAMESPACE}.`;
  if (name === 'style') {
    const style = plain(value)
      .replace(/\/\*.*?\*\//g, '')
      .replace(STYLE_ADDRESS, keepForeignAddress);
    return STYLE_THAT_ACTS.test(style) ? 'Remove what refers to other content or acts from the style.' : undefined;
  }
  return addressAttributes.has(name) && !isHarmlessAddress(element, value)
    ? 'Use an address with http, https, ftp, mailto, tel, urn, a relative one or #; images may also be base64 pictures.'
    : undefined;
}

/** Backgrounds may be pictures as data or beside the record; what is fetched from elsewhere tells who reads it. */
function keepForeignAddress(all: string, address: string): string {
  const isOwn = PICTURE.test(address) || !(SCHEME.test(address) || address.startsWith('//'));
  return isOwn ? '' : all;
}

function isHarmlessAddress(element: string, value: string): boolean {
  const address = plain(value);
  const scheme = SCHEME.exec(address)?.[1];
  if (scheme === undefined) return true;
  return SCHEMES.has(scheme) || (element === 'img' && PICTURE.test(address));
}

/** Lower case without spaces, with character references resolved: what a browser would look at. */
function plain(value: string): string {
  const resolved = value.includes('&') ? value.replace(/&(#?)(x?)([0-9a-zA-Z]+);/g, resolveReference) : value;
  return resolved.replace(/\s/g, '').replaceAll('\0', '').toLowerCase();
}

function resolveReference(_all: string, numeric: string, hexadecimal: string, digits: string): string {
  // A named reference stands for something that no scheme contains, except these two.
  if (numeric === '') return { colon: ':', Tab: '', NewLine: '', amp: '&' }[hexadecimal + digits] ?? '?';
  const point = Number.parseInt(digits, hexadecimal === '' ? 10 : 16);
  return point > 32 && point <= 0x10ffff ? String.fromCodePoint(point) : '';
}
