import type { CompositeValue, IndexValue, TokenValue } from '@meridian/fhir';
import { type CodedValue, FUTURE, type IndexColumns, NO_CODE, NO_DATE, PAST } from './columns.ts';
import { isConjunction } from './composite.ts';
import { presentBit } from './present.ts';
import { principalCodeKey } from './principal-code.ts';
import { principalDateKey } from './principal-date.ts';
import {
  ANY_UNIT,
  DATE_HIGH,
  DATE_LOW,
  gramsOf,
  isUncommon,
  prefixesOf,
  type TokenNames,
  textPrefixesOf,
  uriLevels,
} from './token-names.ts';

type Single = Exclude<IndexValue, CompositeValue>;

/** Most tokens that one resource may have; what lies beyond is stored, but not found by search. */
const MOST_TOKENS = 20_000;

/** Turns the values that search parameters find in a resource into the columns of its index row. */
export function tokenize(type: string, values: readonly IndexValue[], names: TokenNames): IndexColumns {
  const row = new Row(type, names);
  for (const value of values) row.add(value);
  return row.columns();
}

/** Collects the tokens and numbers of one resource. */
class Row {
  readonly #type: string;
  readonly #names: TokenNames;
  readonly #tokens = new Set<bigint>();
  readonly #keys: bigint[] = [];
  readonly #numbers: number[] = [];
  readonly #coded: CodedValue[] = [];
  #present = 0n;
  /** Token of the principal code while there is exactly one. */
  #principal = NO_CODE;
  #codes = 0;
  #dated = false;
  #dateLow = Number.POSITIVE_INFINITY;
  #dateHigh = Number.NEGATIVE_INFINITY;

  constructor(type: string, names: TokenNames) {
    this.#type = type;
    this.#names = names;
  }

  add(value: IndexValue): void {
    this.#present |= presentBit(this.#type, value.key);
    if (this.#tokens.size > MOST_TOKENS) return;
    if (value.kind === 'composite') this.#addComposite(value);
    else this.#addSingle(value);
  }

  columns(): IndexColumns {
    // a period may end before it starts, if nobody minded when it came in
    const dated = this.#dated;
    return {
      tokens: BigInt64Array.from(this.#principal === NO_CODE ? [NO_CODE, ...this.#tokens] : this.#tokensInOrder()),
      keys: BigInt64Array.from(this.#keys),
      numbers: Float64Array.from(this.#numbers),
      dateLow: dated ? milliseconds(this.#dateLow) : NO_DATE,
      dateHigh: dated ? milliseconds(this.#dateHigh) : undefined,
      present: this.#present,
      coded: this.#coded,
    };
  }

  *#tokensInOrder(): Generator<bigint> {
    yield this.#principal;
    for (const token of this.#tokens) if (token !== this.#principal) yield token;
  }

  #addSingle(value: Single): void {
    const { key } = value;
    const type = this.#type;
    switch (value.kind) {
      case 'token':
        this.#addToken(value);
        break;
      case 'string':
        this.#tokens.add(this.#names.exact(type, key, value.value));
        for (const prefix of prefixesOf(value.value)) this.#tokens.add(this.#names.prefix(type, key, prefix));
        for (const gram of gramsOf(value.value)) this.#tokens.add(this.#names.gram(type, key, gram));
        break;
      case 'reference':
        if (value.type && value.id) this.#tokens.add(this.#names.reference(type, key, value.type, value.id));
        if (value.url) this.#tokens.add(this.#names.uri(type, key, value.url));
        if (value.identifier)
          this.#addUncommon(`${key}:identifier`, value.identifier.system ?? '', value.identifier.value);
        break;
      case 'uri':
        this.#tokens.add(this.#names.uri(type, key, value.value));
        for (const level of uriLevels(value.value)) this.#tokens.add(this.#names.uriBelow(type, key, level));
        break;
      case 'number':
        this.#addNumber(key, ANY_UNIT, value.value);
        break;
      case 'quantity':
        this.#addNumber(key, ANY_UNIT, value.value);
        if (value.canonical) this.#addNumber(key, `ucum ${value.canonical.code}`, value.canonical.value);
        break;
      case 'date':
        this.#addDate(key, value.low, value.high);
        break;
    }
  }

  #addNumber(key: string, unit: string, value: number): void {
    this.#keys.push(this.#names.numberKey(this.#type, key, unit));
    this.#numbers.push(value);
  }

  #addDate(key: string, low: number, high: number): void {
    if (key === principalDateKey(this.#type)) {
      this.#dated = true;
      this.#dateLow = Math.min(this.#dateLow, low);
      this.#dateHigh = Math.max(this.#dateHigh, high);
      return;
    }
    this.#addNumber(key, DATE_LOW, low);
    this.#addNumber(key, DATE_HIGH, high);
  }

  #addToken(value: TokenValue): void {
    const { key, system, code, text = [] } = value;
    const uncommon = isUncommon(key);
    if (code === undefined || uncommon) this.#addText(key, text);
    if (code === undefined) {
      // a coding without a code is found by its system alone
      if (system !== undefined) this.#addCommon(key, system, '', []);
      return;
    }
    if (uncommon) this.#addUncommon(key, system ?? '', code);
    else this.#addCommon(key, system ?? '', code, text);
    for (const { system: typeSystem, code: typeCode } of value.identifierType ?? []) {
      this.#tokens.add(this.#names.ofType(this.#type, key, typeSystem ?? '', typeCode, code));
    }
  }

  /** Words that stand with no code, or with a value of the record's own. */
  #addText(key: string, texts: readonly string[]): void {
    for (const prefix of texts.flatMap((words) => [...textPrefixesOf(words)])) {
      this.#tokens.add(this.#names.textWord(this.#type, key, prefix));
    }
  }

  /** A code that many share: one token; the other ways to it are in the dictionary (see code-aliases.ts). */
  #addCommon(key: string, system: string, code: string, texts: readonly string[]): void {
    const token = this.#names.systemCode(this.#type, key, system, code);
    this.#tokens.add(token);
    if (key === principalCodeKey(this.#type)) this.#principal = this.#codes++ === 0 ? token : NO_CODE;
    this.#coded.push({ type: this.#type, key, system, code, token, texts });
  }

  /** A value that few share, such as an identifier: its token is the record's own, and goes when the record goes. */
  #addUncommon(key: string, system: string, value: string): void {
    const token = this.#names.identifier(this.#type, key, system, value);
    this.#tokens.add(token).add(this.#names.system(this.#type, key, system));
    this.#coded.push({ type: this.#type, key, system, token: this.#names.system(this.#type, key, system), texts: [] });
  }

  /** Every combination of the components' tokens; a number or date at the end stays a number under their joint key. */
  #addComposite(value: CompositeValue): void {
    if (isConjunction(this.#type, value.key)) return;
    const last = value.components.at(-1) ?? [];
    const heads = value.components
      .slice(0, -1)
      .map((alternatives) => alternatives.flatMap((part) => this.#parts(value.key, part)));
    const joint = combinations(heads);
    for (const head of joint) {
      const key = `${value.key} ${head.join(' ')}`;
      for (const tail of last) {
        if (tail.kind === 'number' || tail.kind === 'quantity') this.#addSingle({ ...tail, key });
        else if (tail.kind === 'date') this.#addDate(key, tail.low, tail.high);
        else {
          for (const part of this.#parts(value.key, tail)) {
            this.#tokens.add(this.#names.pair(this.#type, value.key, [...head, part]));
          }
        }
      }
    }
  }

  /** The tokens by which one component of the composite `key` may be searched; strings in composites are found by their beginnings. */
  #parts(key: string, value: Single): bigint[] {
    const type = this.#type;
    if (value.kind === 'token' && value.code !== undefined) {
      return [
        this.#names.code(type, key, value.code),
        this.#names.systemCode(type, key, value.system ?? '', value.code),
      ];
    }
    if (value.kind === 'reference' && value.type && value.id) {
      return [this.#names.reference(type, key, value.type, value.id)];
    }
    if (value.kind === 'uri') return [this.#names.uri(type, key, value.value)];
    if (value.kind === 'string') {
      return prefixesOf(value.value).map((prefix) => this.#names.prefix(type, key, prefix));
    }
    return [];
  }
}

function combinations(lists: readonly (readonly bigint[])[]): bigint[][] {
  return lists.reduce<bigint[][]>((made, list) => made.flatMap((head) => list.map((part) => [...head, part])), [[]]);
}

function milliseconds(time: number): bigint {
  if (time === Number.NEGATIVE_INFINITY) return PAST;
  if (time === Number.POSITIVE_INFINITY) return FUTURE;
  return BigInt(Math.trunc(time));
}
