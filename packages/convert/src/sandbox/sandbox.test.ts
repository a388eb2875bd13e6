import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConversionError } from '../evidence/converter.ts';
import type { ConversionJob } from './conversion-job.ts';
import { Sandbox, SandboxBusy } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = new Sandbox({ processes: 1, time: 30_000 });
});
afterAll(() => sandbox.close());

const text = (source: string | Buffer, declared = 'text/plain'): ConversionJob => ({
  converter: 'document-to-text',
  source: Buffer.from(source),
  options: { declared },
});
const contentOf = async (job: ConversionJob): Promise<string> =>
  Buffer.from((await sandbox.convert(job)).bytes?.content ?? []).toString('utf8');

/** A ZIP package with parts that unpack to `size` zeros each, whatever its directory says they do. */
function zip(names: readonly string[], size: number, claimed: number): Buffer {
  const packed = deflateRawSync(Buffer.alloc(size, 0x20), { level: 9 });
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const name of names) {
    const local = Buffer.alloc(30);
    local.write('PK\x03\x04', 'latin1');
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(claimed, 22);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(claimed, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    locals.push(local, Buffer.from(name), packed);
    directory.push(entry, Buffer.from(name));
    at += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(names.length, 8);
  end.writeUInt16LE(names.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

test('the same source gives the same bytes', async () => {
  expect(await contentOf(text('plain words'))).toBe(await contentOf(text('plain words')));
});

describe('what is made to do harm costs its own conversion and one sentence', () => {
  const word = ['[Content_Types].xml', 'word/document.xml'];
  test.each<[string, Buffer]>([
    ['a package that says it unpacks to gigabytes', zip(word, 1000, 2_000_000_000)],
    ['a package that unpacks to much more than it says', zip(word, 300_000_000, 1000)],
    ['a PDF that is none', Buffer.from('%PDF-1.7\nnothing')],
    ['a cut picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['nothing', Buffer.alloc(0)],
    ['chance', Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919 + (at >> 3)) % 256))],
  ])('%s', async (_name, source) => {
    await expect(sandbox.convert(text(source, ''))).rejects.toThrow(ConversionError);
    expect(await contentOf(text('still there'))).toContain('still there');
  });

  test('a document type with entities that multiply', async () => {
    const entities = Array.from({ length: 20 }, (_, at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`).join('');
    const source = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">${entities}]><ClinicalDocument>&e20;</ClinicalDocument>`;
    const job: ConversionJob = { converter: 'ccda-to-fhir', source: Buffer.from(source), options: {} };
    await expect(sandbox.convert(job)).rejects.toThrow(ConversionError);
  });

  test('one that takes too long', async () => {
    const hurried = new Sandbox({ processes: 1, time: 1 });
    try {
      await expect(hurried.convert(text('words '.repeat(2_000_000)))).rejects.toThrow(/too much time or memory/);
    } finally {
      await hurried.close();
    }
  });
});

test('more than may wait are turned away', async () => {
  const small = new Sandbox({ processes: 1, waiting: 1 });
  const results = await Promise.allSettled(
    [text('a'), text('b'), text('c'), text('d')].map((job) => small.convert(job)),
  );
  await small.close();
  const refused = results.filter((result) => result.status === 'rejected' && result.reason instanceof SandboxBusy);
  expect(refused.length).toBeGreaterThan(0);
  expect(results[0]?.status).toBe('fulfilled');
});
