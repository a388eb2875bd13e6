import { ConversionError } from '../evidence/converter.ts';
import { DataSet, type ElementValue, type Extent } from './data-set.ts';
import { implicitVr } from './dictionary.ts';
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, transferSyntax } from './transfer-syntax.ts';

/** What the parser wants next from its reader. */
export type Ask =
  /** So many bytes, consumed. */
  | { kind: 'take'; bytes: number }
  /** So many bytes, not consumed; fewer at the end. */
  | { kind: 'peek'; bytes: number }
  | { kind: 'skip'; bytes: number }
  /** From here on the stream is deflated. */
  | { kind: 'inflate'; at: number };

type Parse<Result> = Generator<Ask, Result, Buffer>;

/** Bounds. A file beyond them is refused. */
const LIMITS = {
  /** Values above are not held. Bytes. */
  held: 64 * 1024,
  /** Sum of the values that are held. */
  heldInAll: 16 * 1024 * 1024,
  elements: 100_000,
  depth: 32,
  fragments: 100_000,
};

/** What is read so far. */
export interface Dicom {
  meta: DataSet;
  dataSet: DataSet;
  /** UID of the transfer syntax; empty before it is known. */
  transferSyntax: string;
  /** The tag of the last attribute of the data set that has begun; empty before the first. */
  reached: string;
  /** Where the data set begins, behind the meta information; undefined before that is known. */
  dataSetFrom?: number;
}

/** VRs whose length has four bytes after two reserved ones (PS3.5 §7.1.2). */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const SHORT_VRS = new Set('AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' '));
const UNDEFINED = 0xffffffff;
const PIXEL_DATA = '7FE00010';
const ITEM = 'FFFEE000';
const ITEM_END = 'FFFEE00D';
const SEQUENCE_END = 'FFFEE0DD';

interface State {
  at: number;
  held: number;
  elements: number;
  explicit: boolean;
  bigEndian: boolean;
  reached: (tag: string) => void;
}

/** A file with or without preamble and meta information, or a bare data set of which the encoding is told by its looks. */
export function* part10(into: Dicom): Parse<void> {
  const state: State = { at: 0, held: 0, elements: 0, explicit: true, bigEndian: false, reached: () => {} };
  const head = yield { kind: 'peek', bytes: 132 };
  if (head.length >= 132 && head.toString('latin1', 128, 132) === 'DICM') yield* skip(state, 132);
  const meta = yield* metaInformation(state, into.meta);
  const uid = meta ? (into.meta.text('00020010') ?? IMPLICIT_LITTLE) : yield* guessSyntax(state);
  const syntax = transferSyntax(uid);
  into.transferSyntax = uid;
  into.dataSetFrom = state.at;
  into.dataSet = new DataSet(syntax.bigEndian);
  state.explicit = syntax.explicitVr;
  state.bigEndian = syntax.bigEndian;
  state.reached = (tag) => {
    into.reached = tag;
  };
  if (syntax.deflated) yield { kind: 'inflate', at: state.at };
  if (state.explicit && !(yield* looksExplicit())) state.explicit = false;
  yield* elements(state, into.dataSet, undefined, 0);
}

/** Group 0002, explicit and little endian whatever follows (PS3.10 §7.1). Answers whether there was any. */
function* metaInformation(state: State, meta: DataSet): Parse<boolean> {
  for (let any = false; ; any = true) {
    const next = yield { kind: 'peek', bytes: 4 };
    if (next.length < 4 || next.readUInt16LE() !== 2) return any;
    yield* element(state, meta, 0);
  }
}

/** Some writers put an implicit data set behind meta information that says otherwise; the first attribute tells. */
function* looksExplicit(): Parse<boolean> {
  const head = yield { kind: 'peek', bytes: 6 };
  return head.length < 6 || /^[A-Z]{2}$/.test(head.toString('latin1', 4, 6));
}

/** Without meta information: explicit where two letters of a VR stand after the first tag, big endian where it begins so. */
function* guessSyntax(state: State): Parse<string> {
  const head = yield { kind: 'peek', bytes: 8 };
  if (head.length < 8) throw broken('This is not DICOM: there is no data set', state);
  const vr = head.toString('latin1', 4, 6);
  const explicit = LONG_VRS.has(vr) || SHORT_VRS.has(vr);
  const [little, big] = [head.readUInt16LE(), head.readUInt16BE()];
  if (explicit && little > 0x0100 && big <= 0x0100) return EXPLICIT_BIG;
  if (little === 0 || little > 0x7fe0) throw broken('This is not DICOM: it does not begin with an attribute', state);
  // a bare implicit data set begins with group 0008 (PS3.5 §7.1); anything else is not taken for one
  if (!explicit && little !== 8) throw broken('This is not DICOM: it does not begin with an attribute', state);
  return explicit ? EXPLICIT_LITTLE : IMPLICIT_LITTLE;
}

/** @param end where an item of known length ends; undefined: at a delimiter, or with the stream at depth 0 */
function* elements(state: State, into: DataSet, end: number | undefined, depth: number): Parse<void> {
  for (;;) {
    if (end !== undefined) {
      if (state.at === end) return;
      if (state.at > end) throw broken('An attribute is longer than its item', state);
    } else {
      const next = yield { kind: 'peek', bytes: 8 };
      if (next.length === 0 && depth === 0) return;
      if (next.length < 8) throw broken('The data ends within an attribute', state);
      if (depth > 0 && tagOf(next, state) === ITEM_END) return yield* skip(state, 8);
    }
    yield* element(state, into, depth);
  }
}

function* element(state: State, into: DataSet, depth: number): Parse<void> {
  state.elements++;
  if (state.elements > LIMITS.elements) throw broken(`There are more than ${LIMITS.elements} attributes`, state);
  const head = yield* take(state, 8);
  const tag = tagOf(head, state);
  if (tag.startsWith('FFFE')) throw broken('A delimiter stands where an attribute should', state);
  if (depth === 0) state.reached(tag);
  const { vr, length } = yield* vrAndLength(state, head, tag);
  into.elements.set(tag, { tag, vr, value: yield* value(state, into, tag, vr, length, depth) });
}

function* vrAndLength(state: State, head: Buffer, tag: string): Parse<{ vr: string; length: number }> {
  if (!state.explicit) return { vr: implicitVr(tag), length: uint32(head, 4, state) };
  const vr = head.toString('latin1', 4, 6);
  if (SHORT_VRS.has(vr)) return { vr, length: state.bigEndian ? head.readUInt16BE(6) : head.readUInt16LE(6) };
  // VRs of later editions have the long form (PS3.5 §7.1.2); what is no VR at all is damage
  if (!/^[A-Z]{2}$/.test(vr)) throw broken('An attribute has no value representation', state);
  return { vr: LONG_VRS.has(vr) ? vr : 'UN', length: uint32(yield* take(state, 4), 0, state) };
}

function* value(
  state: State,
  parent: DataSet,
  tag: string,
  vr: string,
  length: number,
  depth: number,
): Parse<ElementValue> {
  if (length === UNDEFINED && tag === PIXEL_DATA && depth === 0) return yield* fragments(state);
  if (vr === 'SQ' || length === UNDEFINED) {
    if (vr !== 'SQ' && vr !== 'UN') throw broken('An attribute that is no sequence has no length', state);
    // an unknown sequence is encoded implicit and little endian (PS3.5 §6.2.2)
    const inner = vr === 'UN' ? { ...state, explicit: false, bigEndian: false } : state;
    const items = yield* sequence(inner, parent, length, depth + 1);
    if (inner !== state) Object.assign(state, { at: inner.at, held: inner.held, elements: inner.elements });
    return { kind: 'items', items };
  }
  if (length > LIMITS.held || tag === PIXEL_DATA) {
    const extent: Extent = { start: state.at, end: state.at + length };
    yield* skip(state, length);
    return { kind: 'bulk', extent };
  }
  state.held += length;
  if (state.held > LIMITS.heldInAll) throw broken('The attributes are larger than 16 MiB in all', state);
  return { kind: 'bytes', bytes: length === 0 ? EMPTY : Buffer.from(yield* take(state, length)) };
}

const EMPTY = Buffer.alloc(0);

function* sequence(state: State, parent: DataSet, length: number, depth: number): Parse<DataSet[]> {
  if (depth > LIMITS.depth) throw broken(`Sequences are nested more than ${LIMITS.depth} deep`, state);
  const end = length === UNDEFINED ? undefined : state.at + length;
  const items: DataSet[] = [];
  for (;;) {
    if (end !== undefined && state.at === end) return items;
    if (end !== undefined && state.at > end) throw broken('An item is longer than its sequence', state);
    const head = yield* take(state, 8);
    const tag = tagOf(head, state);
    if (end === undefined && tag === SEQUENCE_END) return items;
    if (tag !== ITEM) throw broken('A sequence holds something that is no item', state);
    state.elements++;
    if (state.elements > LIMITS.elements) throw broken(`There are more than ${LIMITS.elements} attributes`, state);
    const size = uint32(head, 4, state);
    const item = new DataSet(state.bigEndian, parent);
    yield* elements(state, item, size === UNDEFINED ? undefined : state.at + size, depth);
    items.push(item);
  }
}

/** Encapsulated pixel data: the first item is the basic offset table (PS3.5 §A.4). */
function* fragments(state: State): Parse<ElementValue> {
  const found: Extent[] = [];
  let offsets: number[] | undefined;
  for (;;) {
    const head = yield* take(state, 8);
    const tag = tagOf(head, state);
    if (tag === SEQUENCE_END) return { kind: 'fragments', offsets: offsets ?? [], fragments: found };
    const size = uint32(head, 4, state);
    if (tag !== ITEM || size === UNDEFINED) throw broken('Pixel data holds something that is no fragment', state);
    if (offsets === undefined) {
      if (size > LIMITS.fragments * 4) throw broken('The offset table is too long', state);
      const table = size === 0 ? EMPTY : yield* take(state, size);
      offsets = Array.from({ length: Math.floor(size / 4) }, (_, index) => table.readUInt32LE(index * 4));
      continue;
    }
    if (found.length >= LIMITS.fragments) throw broken(`There are more than ${LIMITS.fragments} fragments`, state);
    found.push({ start: state.at, end: state.at + size });
    yield* skip(state, size);
  }
}

function* take(state: State, bytes: number): Parse<Buffer> {
  const taken = yield { kind: 'take', bytes };
  state.at += bytes;
  return taken;
}

function* skip(state: State, bytes: number): Parse<void> {
  if (bytes > 0) yield { kind: 'skip', bytes };
  state.at += bytes;
}

function tagOf(head: Buffer, { bigEndian }: State): string {
  const [group, item] = bigEndian
    ? [head.readUInt16BE(), head.readUInt16BE(2)]
    : [head.readUInt16LE(), head.readUInt16LE(2)];
  return ((group * 0x10000 + item) >>> 0).toString(16).toUpperCase().padStart(8, '0');
}

function uint32(bytes: Buffer, at: number, { bigEndian }: State): number {
  return bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
}

function broken(sentence: string, { at }: State): ConversionError {
  return new ConversionError(`${sentence}; have the sender export it again.`, `byte ${at}`);
}
