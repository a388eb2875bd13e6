import { diagnoseJson, endOfString, JsonError } from './json-diagnosis.ts';

export { JsonError } from './json-diagnosis.ts';

/** How a number was written, where JavaScript would write it otherwise. */
interface WrittenNumber {
  value: number;
  source: string;
}

/**
 * The written form of numbers, by the object or array that holds them and their key. FHIR R4 (Data Types, decimal) makes
 * precision part of the value: 1.50 is not 1.5. A WeakMap beside the tree keeps the tree plain JSON for everybody else.
 */
const writtenNumbers = new WeakMap<object, Map<string, WrittenNumber>>();

/**
 * Trees that came out of `parseJson` with no such number anywhere: the whole, and the resources of a Bundle's entries.
 * They need not be searched for one before they are written.
 */
const exactTrees = new WeakSet<object>();

/**
 * Parses JSON and remembers how decimals were written, so that `stringifyJson` gives them back unchanged.
 *
 * Refused with a `JsonError` that names the position: anything RFC 8259 does not allow, duplicate keys, a `__proto__`
 * key, NUL and lone surrogates (RFC 7493, I-JSON), numbers beyond a double, nesting deeper than `limits.depth`.
 * A leading byte order mark is skipped. The caller bounds the length of the text.
 *
 * The tree may be changed in place, but before parts of another tree are put into it, it must be cloned (`cloneJson`):
 * the decimals of those parts would be written as JavaScript does.
 */
export function parseJson(text: string, limits: { depth: number }): unknown {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const scan = scanStructure(body);
  const doubtful =
    scan.depth > limits.depth || scan.doubtfulNumber || !body.isWellFormed() || DOUBTFUL_ESCAPE.test(body);
  if (doubtful) diagnoseJson(body, limits.depth);
  let value: unknown;
  try {
    value = scan.exactNumbers ? JSON.parse(body) : JSON.parse(body, rememberWrittenNumber);
  } catch {
    // The message of V8's SyntaxError quotes the text, which may be a record: it goes no further than here.
    diagnoseJson(body, limits.depth);
    throw new JsonError(0, 'The body is not valid JSON; check its syntax.');
  }
  // JSON.parse keeps the last of two equal keys, so fewer keys than colons means a duplicate.
  if (countKeys(value) !== scan.keys) diagnoseJson(body, limits.depth);
  if (scan.exactNumbers) markExact(value);
  return value;
}

/** Serialises JSON; numbers that still have the value they were parsed with are written as they came. */
export function stringifyJson(value: unknown): string {
  const exact = typeof value === 'object' && value !== null && exactTrees.has(value);
  return exact || !holdsWrittenNumber(value) ? JSON.stringify(value) : JSON.stringify(value, writeNumber);
}

function markExact(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  exactTrees.add(value);
  if (!('entry' in value) || !Array.isArray(value.entry)) return;
  for (const entry of value.entry as unknown[]) {
    const resource = (entry as { resource?: unknown } | null)?.resource;
    if (typeof resource === 'object' && resource !== null) exactTrees.add(resource);
  }
}

/** A deep copy that shares nothing with the original and keeps the written form of its numbers. */
export function cloneJson<T>(value: T): T {
  return cloneValue(value) as T;
}

/** Tells that `target[targetKey]` was taken from `source[sourceKey]`, so that a number there keeps its written form. */
export function keepWrittenNumber(source: object, sourceKey: string, target: object, targetKey: string): void {
  const written = writtenNumbers.get(source)?.get(sourceKey);
  if (!written) return;
  const others = writtenNumbers.get(target);
  if (others) others.set(targetKey, written);
  else writtenNumbers.set(target, new Map([[targetKey, written]]));
}

function cloneValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? value.map(cloneValue) : cloneMembers(value);
  const written = writtenNumbers.get(value);
  if (written) writtenNumbers.set(copy, new Map(written));
  return copy;
}

function cloneMembers(value: object): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) copy[key] = cloneValue(member);
  return copy;
}

/** What one pass over the text tells without building anything. */
interface Scan {
  depth: number;
  /** Colons outside strings: the number of keys of all objects. */
  keys: number;
  /** Whether JavaScript writes every number as it stands in the text. */
  exactNumbers: boolean;
  /** Whether some number may be beyond what a double holds. */
  doubtfulNumber: boolean;
}

/** Escapes that may stand for NUL or half a surrogate pair; the diagnosis decides. */
const DOUBTFUL_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;

const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** Jumps over strings with `indexOf`, so that its cost is that of the structure and not of the text. */
function scanStructure(text: string): Scan {
  const scan: Scan = { depth: 0, keys: 0, exactNumbers: true, doubtfulNumber: false };
  let depth = 0;
  const length = text.length;
  for (let at = 0; at < length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = endOfString(text, at);
      if (at < 0) return scan;
    } else if (char === 0x3a) {
      scan.keys++;
    } else if (char === 0x7b || char === 0x5b) {
      if (++depth > scan.depth) scan.depth = depth;
    } else if (char === 0x7d || char === 0x5d) {
      depth--;
    } else if (char === MINUS || (char >= ZERO && char <= NINE)) {
      const end = endOfNumber(text, at);
      if (!isPlainInteger(text, at, end)) scanNumber(text.slice(at, end), scan);
      at = end - 1;
    }
  }
  return scan;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  for (; ; end++) {
    const char = text.charCodeAt(end);
    const continues =
      (char >= ZERO && char <= NINE) ||
      char === POINT ||
      char === MINUS ||
      char === 0x2b ||
      char === 0x65 ||
      char === 0x45;
    if (!continues) return end;
  }
}

/** Up to 15 digits, which a double holds and JavaScript writes exactly; not `-0`. */
function isPlainInteger(text: string, start: number, end: number): boolean {
  if (end - start > 15) return false;
  for (let at = start; at < end; at++) {
    const char = text.charCodeAt(at);
    if (char < ZERO || char > NINE) return false;
  }
  return true;
}

function scanNumber(source: string, scan: Scan): void {
  const value = Number(source);
  if (String(value) !== source) scan.exactNumbers = false;
  if (!Number.isFinite(value)) scan.doubtfulNumber = true;
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const member of value) if (typeof member === 'object') count += countKeys(member);
    return count;
  }
  const members = value as Record<string, unknown>;
  for (const key in members) {
    // An own `__proto__` is never FHIR; counting it wrong sends the text to the diagnosis, which refuses it.
    count += key === '__proto__' ? 2 : 1;
    const member = members[key];
    if (typeof member === 'object') count += countKeys(member);
  }
  return count;
}

function rememberWrittenNumber(this: object, key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === 'number' && context?.source !== undefined && String(value) !== context.source) {
    let written = writtenNumbers.get(this);
    if (!written) {
      written = new Map();
      writtenNumbers.set(this, written);
    }
    written.set(key, { value, source: context.source });
  }
  return value;
}

/** `JSON.rawJSON` (ES2026, in Node since 22), which TypeScript's library does not name yet. */
const rawJson = (JSON as unknown as { rawJSON(source: string): object }).rawJSON;

function writeNumber(this: object, key: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  const written = writtenNumbers.get(this)?.get(key);
  return written && Object.is(written.value, value) ? rawJson(written.source) : value;
}

function holdsWrittenNumber(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let numbers = false;
  const members = value as Record<string, unknown>;
  for (const key in members) {
    const member = members[key];
    if (typeof member === 'number') numbers = true;
    else if (typeof member === 'object' && holdsWrittenNumber(member)) return true;
  }
  return numbers && writtenNumbers.has(value);
}
