import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { zip } from '../documents/testing/zip.ts';
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

test('the same source gives the same bytes', async () => {
  expect(await contentOf(text('plain words'))).toBe(await contentOf(text('plain words')));
});

describe('what is made to do harm costs its own conversion and one sentence', () => {
  const word = (size: number) => ({ '[Content_Types].xml': 'x', 'word/document.xml': Buffer.alloc(size, ' ') });
  test.each<[string, Buffer]>([
    ['a package that says it unpacks to gigabytes', zip(word(1000), 2_000_000_000)],
    ['a package that unpacks to much more than it says', zip(word(300_000_000), 1000)],
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
