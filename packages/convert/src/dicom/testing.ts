import { DicomReader } from './read.ts';

/** Reads a whole file in chunks of some size. */
export async function readAll(bytes: Buffer, chunk = 1000): Promise<DicomReader> {
  const reader = new DicomReader();
  for (let at = 0; at < bytes.length; at += chunk) await reader.write(bytes.subarray(at, at + chunk));
  await reader.end();
  return reader;
}

/** An attribute, explicit and little endian, of a short VR. */
export function attribute(tag: string, vr: string, value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value.length % 2 ? `${value} ` : value, 'latin1') : value;
  const head = Buffer.alloc(8);
  head.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16));
  head.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  head.write(vr, 4, 'latin1');
  head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}
