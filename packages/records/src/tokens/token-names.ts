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
    return this.#hash.token(`${type}.${key}:s|${system}|${code}`);
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
    return this.#hash.token(`${type}.${key}:o|${system}|${code}|${value}`);
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

/** The starts of a string and of each of its words, normalised, up to `LONGEST_PREFIX`. */
export function prefixesOf(value: string): Set<string> {
  const whole = normalizeString(value);
  const prefixes = new Set<string>();
  const addAll = (text: string): void => {
    const letters = [...text.slice(0, LONGEST_PREFIX * 2)].slice(0, LONGEST_PREFIX);
    let prefix = '';
    for (const letter of letters) {
      prefix += letter;
      prefixes.add(prefix);
    }
  };
  addAll(whole);
  for (const word of whole.split(' ').slice(1, WORDS)) if (word) addAll(word);
  return prefixes;
}

/** What a starts-with search looks up: the normalised text, cut to what is indexed. */
export function prefixToFind(value: string): string {
  return [...normalizeString(value)].slice(0, LONGEST_PREFIX).join('');
}

/** Runs of one to three letters in a string, for `:contains`. */
export function gramsOf(value: string): Set<string> {
  const letters = [...normalizeString(value)].slice(0, LONGEST_CONTAINS);
  const grams = new Set<string>();
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

/** Starts of each word of a display or text, for `:text`. */
export function textPrefixesOf(value: string): Set<string> {
  const prefixes = new Set<string>();
  for (const word of normalizeString(value).split(' ').slice(0, WORDS)) {
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

/** A URI and everything above it by `/` or `:` borders, for `:below`. */
export function uriAndParents(uri: string): string[] {
  const parents = [uri];
  for (let i = uri.length - 1; i > 0 && parents.length < 12; i--) {
    if ((uri[i] === '/' || uri[i] === ':') && uri[i - 1] !== '/' && uri[i - 1] !== ':') parents.push(uri.slice(0, i));
  }
  return parents;
}
