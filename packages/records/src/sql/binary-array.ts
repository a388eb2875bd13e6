/**
 * PostgreSQL's binary form of one-dimensional arrays (`array_recv` in src/backend/utils/adt/arrayfuncs.c): dimensions,
 * null flag, element type, length, lower bound, then each element with its length. The driver sends a Buffer as a binary
 * parameter, so a whole batch crosses as a few buffers without being written out as text and parsed again.
 */
const OID = { char: 18, int8: 20, int2: 21, int4: 23, bytea: 17, float8: 701 } as const;
const HEADER = 20;

function start(bytes: number, oid: number, length: number, hasNull = false): Buffer {
  const array = Buffer.allocUnsafe(HEADER + bytes);
  array.writeInt32BE(length === 0 ? 0 : 1, 0);
  array.writeInt32BE(hasNull ? 1 : 0, 4);
  array.writeInt32BE(oid, 8);
  if (length === 0) return array.subarray(0, 12);
  array.writeInt32BE(length, 12);
  array.writeInt32BE(1, 16);
  return array;
}

/** `int8[]`; undefined becomes null. */
export function int8Array(values: ArrayLike<bigint | undefined>): Buffer {
  const array = start(values.length * 12, OID.int8, values.length, true);
  let at = HEADER;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === undefined) {
      array.writeInt32BE(-1, at);
      at += 4;
    } else {
      array.writeInt32BE(8, at);
      array.writeBigInt64BE(value, at + 4);
      at += 12;
    }
  }
  return values.length === 0 ? array : array.subarray(0, at);
}

/** `int4[]`; undefined becomes null. */
export function int4Array(values: ArrayLike<number | undefined>): Buffer {
  const array = start(values.length * 8, OID.int4, values.length, true);
  let at = HEADER;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    array.writeInt32BE(value === undefined ? -1 : 4, at);
    at += 4;
    if (value !== undefined) at = array.writeInt32BE(value, at);
  }
  return values.length === 0 ? array : array.subarray(0, at);
}

/** `int2[]`. */
export function int2Array(values: readonly number[]): Buffer {
  const array = start(values.length * 6, OID.int2, values.length);
  values.forEach((value, i) => {
    array.writeInt32BE(2, HEADER + i * 6);
    array.writeInt16BE(value, HEADER + i * 6 + 4);
  });
  return array;
}

/** `float8[]`. */
export function float8Array(values: ArrayLike<number>): Buffer {
  const array = start(values.length * 12, OID.float8, values.length);
  for (let i = 0; i < values.length; i++) {
    array.writeInt32BE(8, HEADER + i * 12);
    array.writeDoubleBE(values[i] ?? 0, HEADER + i * 12 + 4);
  }
  return array;
}

/** `"char"[]`, PostgreSQL's one-byte type. */
export function charArray(values: readonly string[]): Buffer {
  const array = start(values.length * 5, OID.char, values.length);
  values.forEach((value, i) => {
    array.writeInt32BE(1, HEADER + i * 5);
    array[HEADER + i * 5 + 4] = value.charCodeAt(0);
  });
  return array;
}

/** `bytea[]`. */
export function byteaArray(values: readonly Uint8Array[]): Buffer {
  const bytes = values.reduce((sum, value) => sum + 4 + value.length, 0);
  const array = start(bytes, OID.bytea, values.length);
  let at = HEADER;
  for (const value of values) {
    at = array.writeInt32BE(value.length, at);
    array.set(value, at);
    at += value.length;
  }
  return array;
}
