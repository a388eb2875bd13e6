import { textDecoder } from './character-set.ts';

/** Where bytes lie: in the stream that was read, inflated where it was deflated. Half-open. */
export interface Extent {
  start: number;
  end: number;
}

/** The value of an attribute, or where it lies where it is large. */
export type ElementValue =
  | { kind: 'bytes'; bytes: Buffer }
  | { kind: 'items'; items: DataSet[] }
  | { kind: 'bulk'; extent: Extent }
  /** Compressed pixel data (PS3.5 §A.4): the offset table, and the fragments after it. */
  | { kind: 'fragments'; offsets: number[]; fragments: Extent[] };

export interface DataElement {
  /** Eight upper-case hex digits. */
  tag: string;
  vr: string;
  value: ElementValue;
}

/** VRs of text to which Specific Character Set applies (PS3.5 §6.1.2.3). */
const CHARACTER_VRS = new Set(['SH', 'LO', 'ST', 'LT', 'UC', 'UT', 'PN']);
/** VRs with one value, in which a backslash is a backslash. */
const SINGLE_VRS = new Set(['ST', 'LT', 'UT', 'UR']);

/** A data set or an item: attributes by tag, in the order in which they came. */
export class DataSet {
  readonly elements = new Map<string, DataElement>();
  readonly bigEndian: boolean;
  readonly #parent: DataSet | undefined;

  constructor(bigEndian: boolean, parent?: DataSet) {
    this.bigEndian = bigEndian;
    this.#parent = parent;
  }

  /** The terms of Specific Character Set that apply here. */
  get characterSets(): readonly string[] {
    const own = this.elements.get('00080005');
    if (own?.value.kind === 'bytes')
      return latin(own.value.bytes)
        .split('\\')
        .map((term) => term.trim());
    return this.#parent?.characterSets ?? [];
  }

  /** All values of an attribute as text, padding removed; empty where it is absent, large or not text. */
  texts(tag: string): string[] {
    const element = this.elements.get(tag);
    return element?.value.kind === 'bytes' ? this.textsOf(element.vr, element.value.bytes) : [];
  }

  /** The first value; undefined where it is absent or empty. */
  text(tag: string): string | undefined {
    return this.texts(tag)[0] || undefined;
  }

  items(tag: string): readonly DataSet[] {
    const value = this.elements.get(tag)?.value;
    return value?.kind === 'items' ? value.items : [];
  }

  /** The first number of an attribute of any numeric VR; undefined where there is none. */
  number(tag: string): number | undefined {
    const element = this.elements.get(tag);
    if (element?.value.kind !== 'bytes') return undefined;
    const { bytes } = element.value;
    if (element.vr === 'US' && bytes.length >= 2) return this.bigEndian ? bytes.readUInt16BE() : bytes.readUInt16LE();
    if (element.vr === 'SS' && bytes.length >= 2) return this.bigEndian ? bytes.readInt16BE() : bytes.readInt16LE();
    if (element.vr === 'UL' && bytes.length >= 4) return this.bigEndian ? bytes.readUInt32BE() : bytes.readUInt32LE();
    const text = this.text(tag);
    const value = text === undefined ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : undefined;
  }

  textsOf(vr: string, bytes: Buffer): string[] {
    const sets = this.characterSets;
    const whole = CHARACTER_VRS.has(vr) ? textDecoder(sets, vr === 'PN' ? '\\^=' : '\\').decode(bytes) : latin(bytes);
    if (SINGLE_VRS.has(vr)) return [whole.replace(/[\0 ]+$/, '')];
    return whole.split('\\').map((value) => value.replace(/^ +|[\0 ]+$/g, ''));
  }
}

function latin(bytes: Buffer): string {
  return bytes.toString('latin1');
}
