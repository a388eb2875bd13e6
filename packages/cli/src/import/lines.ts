import type { Readable } from 'node:stream';
import { UnreadableFile } from './source.ts';
import { isObject, LARGEST_UNIT, NO_TYPE, typeName } from './unit.ts';

/** One line of NDJSON that is not blank. */
export interface Line {
  /** From 0, blank lines counted. */
  index: number;
  text: Buffer;
}

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Reads lines in batches, as they come from the disk. Throws UnreadableFile at a line above 64 MB. */
export async function* linesOf(content: Readable): AsyncGenerator<Line[]> {
  let index = 0;
  let begun: Buffer[] = [];
  let begunSize = 0;
  const finish = (end: Buffer): Line => {
    const text = begun.length > 0 ? Buffer.concat([...begun, end]) : end;
    begun = [];
    begunSize = 0;
    const first = index === 0 && text.subarray(0, 3).equals(BYTE_ORDER_MARK);
    return { index: index++, text: first ? text.subarray(3) : text };
  };
  for await (const chunk of content as AsyncIterable<Buffer>) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      // blank lines cost nothing, or a file of them would cost hours
      if (end === start && begunSize === 0) index++;
      else lines.push(finish(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (start < chunk.length) {
      begun.push(chunk.subarray(start));
      begunSize += chunk.length - start;
      if (begunSize > LARGEST_UNIT) throw new UnreadableFile('It has a line of more than 64 MB.');
    }
    yield lines.filter(isNotBlank);
  }
  if (begunSize > 0) yield [finish(Buffer.alloc(0))].filter(isNotBlank);
}

function isNotBlank({ text }: Line): boolean {
  for (const byte of text) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return true;
  return false;
}

const TYPE_FIRST = /^\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]{1,64})"/;

/** The resource type of a line. Nearly all writers put it first; else the line is parsed. */
export function typeOfLine(text: Buffer): string {
  const first = TYPE_FIRST.exec(text.toString('latin1', 0, 120))?.[1];
  if (first !== undefined) return typeName(first);
  try {
    const value: unknown = JSON.parse(text.toString('utf8'));
    return isObject(value) ? typeName(value.resourceType) : NO_TYPE;
  } catch {
    return NO_TYPE;
  }
}
