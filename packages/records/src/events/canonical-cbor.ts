/** What events are made of. Numbers are whole and not negative. */
export type CborItem = string | number | null | Uint8Array | readonly CborItem[];

const UINT = 0;
const BYTES = 2 << 5;
const TEXT = 3 << 5;
const ARRAY = 4 << 5;
const NULL = 0xf6;
/** Longest head: its type and eight bytes. */
const HEAD = 9;

/**
 * Deterministic CBOR (RFC 8949 §4.2.1: shortest heads, definite lengths) of the few kinds of values that events have. An
 * event is written for each view and each write, and a general encoder takes half as long again, and makes more rubbish.
 *
 * @throws RangeError for a number that is not whole, negative, or above 2^53 - 1
 */
export function canonicalCbor(item: CborItem): Buffer {
  const out = Buffer.allocUnsafe(mostBytes(item));
  return out.subarray(0, write(out, 0, item));
}

function mostBytes(item: CborItem): number {
  if (item === null || typeof item === 'number') return HEAD;
  // a UTF-16 unit takes at most three bytes in UTF-8
  if (typeof item === 'string') return HEAD + item.length * 3;
  if (item instanceof Uint8Array) return HEAD + item.length;
  return item.reduce((sum: number, each) => sum + mostBytes(each), HEAD);
}

/** Gives where the next item goes. */
function write(out: Buffer, at: number, item: CborItem): number {
  if (item === null) {
    out[at] = NULL;
    return at + 1;
  }
  if (typeof item === 'string') {
    const start = writeHead(out, at, TEXT, Buffer.byteLength(item));
    return start + out.write(item, start);
  }
  if (typeof item === 'number') {
    if (!Number.isSafeInteger(item) || item < 0) throw new RangeError('An event holds whole numbers from 0 only.');
    return writeHead(out, at, UINT, item);
  }
  if (item instanceof Uint8Array) {
    const start = writeHead(out, at, BYTES, item.length);
    out.set(item, start);
    return start + item.length;
  }
  let end = writeHead(out, at, ARRAY, item.length);
  for (const each of item) end = write(out, end, each);
  return end;
}

function writeHead(out: Buffer, at: number, type: number, value: number): number {
  if (value < 24) {
    out[at] = type | value;
    return at + 1;
  }
  if (value < 0x100) {
    out[at] = type | 24;
    return out.writeUInt8(value, at + 1);
  }
  if (value < 0x1_0000) {
    out[at] = type | 25;
    return out.writeUInt16BE(value, at + 1);
  }
  if (value < 0x1_0000_0000) {
    out[at] = type | 26;
    return out.writeUInt32BE(value, at + 1);
  }
  out[at] = type | 27;
  out.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at + 1);
  return out.writeUInt32BE(value % 0x1_0000_0000, at + 5);
}
