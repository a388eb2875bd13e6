import { normalizeString } from '@meridian/fhir';
import type { KeyedHash } from './keyed-hash.ts';

/** Longest prefix of a string that has a token of its own; longer searches use this much and are checked afterwards. */
export const LONGEST_PREFIX = 20;
/** `:contains` reads this much of a string. */
const LONGEST_CONTAINS = 64;
const WORDS = 16;

/**
 * How values become tokens: the texts that are hashed, defined once for writing and for searching. The first part names
 * resource type and index key, the letter the kind of token.
 */
export class TokenNames {
  readonly #hash: KeyedHash;

  constructor(hash: KeyedHash) {
    this.#hash = hash;
  }

  /** `code` whatever its system. */
  code(type: string, key: string, code: string): bigint {
    return this.#hash.token(`${type}.${key}:c|${code}`);
  }
  /** `system|code`; an empty system means "has none". */
  systemCode(type: string, key: string, system: string, code: string): bigint {
    // a system is a URI and holds no line break, so that the two cannot run into each other
    return this.#hash.token(`${type}.${key}:s|${system}\n${code}`);
  }
  /** `system|`: any code of the system. */
  system(type: string, key: string, system: string): bigint {
    return this.#hash.token(`${type}.${key}:y|${system}`);
  }
  /** An identifier: code and system mixed, so that the database can try the code with every known system. */
  identifier(type: string, key: string, system: string, value: string): bigint {
    return this.code(type, key, value) ^ this.system(type, key, system);
  }
  /** Alias under which the systems of an identifier parameter are listed. */
  systems(type: string, key: string): bigint {
    return this.#hash.token(`${type}.${key}:Y`);
  }
  /** `:of-type`. */
  ofType(type: string, key: string, system: string, code: string, value: string): bigint {
    return this.#hash.token(`${type}.${key}:o|${system}\n${code}\n${value}`);
  }
  exact(type: string, key: string, value: string): bigint {
    return this.#hash.token(`${type}.${key}:x|${value}`);
  }
  prefix(type: string, key: string, prefix: string): bigint {
    return this.#hash.token(`${type}.${key}:p|${prefix}`);
  }
  gram(type: string, key: string, gram: string): bigint {
    return this.#hash.token(`${type}.${key}:g|${gram}`);
  }
  uri(type: string, key: string, uri: string): bigint {
    return this.#hash.token(`${type}.${key}:u|${uri}`);
  }
  uriBelow(type: string, key: string, uri: string): bigint {
    return this.#hash.token(`${type}.${key}:b|${uri}`);
  }
  /** A word of a text that stands with a code or instead of one: for `:text`. */
  textWord(type: string, key: string, prefix: string): bigint {
    return this.#hash.token(`${type}.${key}:t|${prefix}`);
  }
  /** Values that stand together: `parts` are already hashed. */
  pair(type: string, key: string, parts: readonly bigint[]): bigint {
    return this.#hash.token(`${type}.${key}:&|${parts.join('|')}`);
  }
  /**
   * What turns the rid of a target into the token of a reference to it, by exclusive or: chains can then be computed
   * inside the database (`tokens && ARRAY(SELECT target.rid # salt …)`).
   */
  referenceSalt(type: string, key: string): bigint {
    return this.#hash.token(`${type}.${key}:r`);
  }
  reference(type: string, key: string, targetType: string, id: string): bigint {
    return this.#hash.token(`${targetType}/${id}`) ^ this.referenceSalt(type, key);
  }
  /** The key of a number in `resource.keys`: 24 bits name the parameter, 40 the unit or role. */
  numberKey(type: string, key: string, unit: string): bigint {
    const parameter = this.#hash.token(`${type}.${key}:n`) & 0xffffffn;
    const role = this.#hash.token(`unit|${unit}`) & 0xffffffffffn;
    return BigInt.asIntN(64, (parameter << 40n) | role);
  }
}

/** Index keys of identifiers and contact points: values that belong to one person or thing, not to a code system. */
export function isUncommon(key: string): boolean {
  return /(?:^|[-:])(?:identifier|id|phone|email|telecom)$/.test(key);
}

/** Roles of the pair of numbers that stands for a date. They follow each other in the arrays. */
export const DATE_LOW = ' low';
export const DATE_HIGH = ' high';
/** Role of a number or quantity as written, whatever its unit. */
export const ANY_UNIT = ' any';

/** The starts of a string, normalised, up to `LONGEST_PREFIX` (FHIR R4, Search §3.1.1.4.8: "equals or starts with"). */
export function prefixesOf(value: string): string[] {
  const prefixes: string[] = [];
  let prefix = '';
  for (const letter of [...normalizeString(value).slice(0, LONGEST_PREFIX * 2)].slice(0, LONGEST_PREFIX)) {
    prefix += letter;
    prefixes.push(prefix);
  }
  return prefixes;
}

/** Whether a starts-with search for this is longer than what is indexed. */
export function isLongPrefix(value: string): boolean {
  return [...normalizeString(value)].length > LONGEST_PREFIX;
}

/** What a starts-with search looks up: the normalised text, cut to what is indexed. */
export function prefixToFind(value: string): string {
  return [...normalizeString(value)].slice(0, LONGEST_PREFIX).join('');
}

/** Stands for what is too long to be indexed in full: every such search takes it for a match that must be checked. */
export const LONG = ' long';

/** Runs of one to three letters in a string, for `:contains`; `LONG` among them where the string goes on. */
export function gramsOf(value: string): Set<string> {
  const all = [...normalizeString(value)];
  const letters = all.slice(0, LONGEST_CONTAINS);
  const grams = new Set<string>(all.length > LONGEST_CONTAINS ? [LONG] : []);
  for (let i = 0; i < letters.length; i++) {
    for (let n = 1; n <= 3 && i + n <= letters.length; n++) grams.add(letters.slice(i, i + n).join(''));
  }
  return grams;
}

/** The runs that all strings containing `value` have; their conjunction is checked against the record afterwards. */
export function gramsToFind(value: string): string[] {
  const letters = [...normalizeString(value)].slice(0, LONGEST_CONTAINS);
  if (letters.length <= 3) return letters.length === 0 ? [] : [letters.join('')];
  return Array.from({ length: letters.length - 2 }, (_, i) => letters.slice(i, i + 3).join(''));
}

/** Starts of each word of a display or text, for `:text`; `LONG` among them where it has more words than are indexed. */
export function textPrefixesOf(value: string): Set<string> {
  const words = normalizeString(value).split(' ');
  const prefixes = new Set<string>(words.length > WORDS ? [LONG] : []);
  for (const word of words.slice(0, WORDS)) {
    const letters = [...word].slice(0, 8);
    let prefix = '';
    for (const letter of letters) {
      prefix += letter;
      prefixes.add(prefix);
    }
  }
  return prefixes;
}

/** The words that a `:text` search looks up, each cut to what is indexed. */
export function textPrefixesToFind(value: string): string[] {
  return normalizeString(value)
    .split(' ')
    .filter((word) => word !== '')
    .slice(0, WORDS)
    .map((word) => [...word].slice(0, 8).join(''));
}

/** Most levels of one URL that are indexed. */
const LEVELS = 32;

/**
 * What `:below` may name to find a URL, each with the slash at its end: whole path segments, and none for a URN
 * (FHIR R4, Search §3.1.1.4.13). The slashes behind the scheme border no segment.
 */
export function uriLevels(uri: string): string[] {
  if (uri.startsWith('urn:')) return [];
  const levels: string[] = [];
  for (let i = uri.indexOf('/'); i >= 0 && levels.length < LEVELS; i = uri.indexOf('/', i + 1)) {
    if (uri[i - 1] !== ':' && uri[i - 1] !== '/') levels.push(uri.slice(0, i + 1));
  }
  return levels;
}

/** What a search with `:above` looks up: the URL itself and each of its levels, with the slash and without. */
export function uriAncestors(uri: string): string[] {
  return [uri, ...uriLevels(uri).flatMap((level) => [level, level.slice(0, -1)])];
}
