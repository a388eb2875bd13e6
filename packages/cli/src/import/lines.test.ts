import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf, typeOfLine } from './lines.ts';
import { NO_TYPE } from './unit.ts';

async function read(chunks: readonly Buffer[]): Promise<[number, string][]> {
  const lines: [number, string][] = [];
  for await (const batch of linesOf(Readable.from(chunks))) {
    for (const { index, text } of batch) lines.push([index, text.toString()]);
  }
  return lines;
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

test('gives the lines of any text, however it is cut, and keeps count of blank ones', async () => {
  const line = fc.stringMatching(/^[a-z中 \r]{0,12}$/);
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
      const expected = lines
        .map((text, index): [number, string] => [index, text])
        .filter(([, text]) => text.trim() !== '');
      expect(await read(cut(Buffer.from(lines.join('\n')), size))).toEqual(expected);
    }),
  );
});

test('takes a byte order mark off the first line only', async () => {
  expect(await read([Buffer.from('\ufeff{}\n\ufeff{}\n')])).toEqual([
    [0, '{}'],
    [1, '\ufeff{}'],
  ]);
});

test('refuses a line that no request could carry', async () => {
  const endless = Array.from({ length: 70 }, () => Buffer.alloc(1024 * 1024, 0x61));
  await expect(read(endless)).rejects.toThrow(/64 MB/);
});

test('knows the type of a line wherever it stands, and takes no unknown name for one', () => {
  expect(typeOfLine(Buffer.from(' {"resourceType" : "Patient"'))).toBe('Patient');
  expect(typeOfLine(Buffer.from('{"id":"1","resourceType":"Patient"}'))).toBe('Patient');
  expect(typeOfLine(Buffer.from('{"resourceType":"MyOwnSecret"}'))).toBe(NO_TYPE);
  expect(typeOfLine(Buffer.from('{"id":'))).toBe(NO_TYPE);
});
