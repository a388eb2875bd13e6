import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { decodeText } from './decode-text.ts';
import { detectFormat } from './detect-format.ts';
import { documentToHtml, documentToText } from './document-converter.ts';
import { safeHtml } from './safe-html.ts';
import { wordDocument } from './testing/zip.ts';

const CHINESE = '病人是六十歲的男子，在家中有胸痛，過去的診斷是高血壓。';
const SIMPLIFIED = '病人是六十岁的男子，在家中有胸痛，过去的诊断是高血压。';

describe('text in any encoding', () => {
  test.each([
    ['utf-8', CHINESE],
    ['utf-16le', CHINESE],
    ['big5', CHINESE],
    ['gb18030', SIMPLIFIED],
    ['windows-1252', 'Zoë a été vue à 20 °C'],
  ])('%s', (encoding, text) => {
    const bytes = iconv.encode(text, encoding, { addBOM: encoding === 'utf-16le' });
    expect(decodeText(bytes).text).toBe(text);
  });

  test('UTF-8 is always read as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        fc.pre(!text.includes('\0') && !text.startsWith('\ufeff') && !text.includes('\ufffd'));
        expect(decodeText(Buffer.from(text)).text).toBe(text);
      }),
    );
  });
});

describe('the content decides what a file is', () => {
  test.each([
    ['\x0bMSH|^~\\&|', 'hl7v2'],
    ['<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3">', 'ccda'],
    ['{"resourceType":"Bundle"}', 'fhir-json'],
    ['%PDF-1.4', 'pdf'],
    ['{\\rtf1 x', 'rtf'],
    ['<!DOCTYPE html><p>x', 'html'],
    ['words', 'text'],
    ['\0\x01\x02', 'other'],
  ])('%j is %s', (head, format) => {
    expect(detectFormat(Buffer.from(head, 'latin1'), 'image/png').format).toBe(format);
  });

  test('only of texts the declared type is asked', () => {
    expect(detectFormat(Buffer.from('# Title'), 'text/markdown; charset=utf-8').format).toBe('markdown');
    expect(detectFormat(Buffer.from('%PDF-1.4'), 'text/markdown').format).toBe('pdf');
  });
});

describe('HTML that is shown', () => {
  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<svg><script>alert(1)</script></svg>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style>',
    '<p style="background:url(http://elsewhere/)">x</p>',
    '<link rel=stylesheet href=//elsewhere>',
    '<form action=http://elsewhere><input></form>',
    '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
  ])('neither acts nor fetches: %s', (source) => {
    const { html } = safeHtml(source);
    expect(html).not.toMatch(/<(?:script|svg|iframe|style|link|form|input|img|math)|on\w+=|javascript:|elsewhere\)/i);
  });

  test('keeps words, tables and pictures of its own, and counts what it took out', () => {
    const { html, removed } = safeHtml(
      '<table><tr><td colspan="2">5.4</td></tr></table><script>x</script><x-y>z</x-y>',
    );
    expect(html).toContain('<td colspan="2">5.4</td>');
    expect(Object.fromEntries(removed)).toEqual({ script: 1, 'of other names': 1 });
  });

  test('of any source never has a script', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      'script',
      '/',
      '"',
      "'",
      'img src=',
      'onerror=',
      '<!--',
      '-->',
      'svg',
      '&lt;',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(safeHtml(pieces.join('')).html).not.toMatch(/<script|<svg|<img|<[^>]*\sonerror=/i);
      }),
    );
  });
});

test('Markdown becomes a page, and text', async () => {
  const source = Buffer.from('# Plan\n\n- rest\n- 板藍根\n\n<script>x</script>');
  const page = await documentToHtml.convert(source, { declared: 'text/markdown' });
  const html = Buffer.from(page.bytes?.content ?? []).toString();
  expect(html).toContain('<h1>Plan</h1>');
  expect(html).not.toContain('<script');
  expect(page.fidelity.dropped.map(({ path }) => path)).toEqual(['element script']);
  const plain = await documentToText.convert(source, { declared: 'text/markdown' });
  expect(Buffer.from(plain.bytes?.content ?? []).toString()).toBe('Plan\n\nrest\n板藍根\n');
});

test('a Word document becomes a page with its words and tables', async () => {
  const paragraph = (text: string) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
  const source = wordDocument(
    `${paragraph('診斷：高血壓')}<w:tbl><w:tr><w:tc>${paragraph('5.40')}</w:tc></w:tr></w:tbl>${paragraph('&lt;script&gt;x')}`,
  );
  expect(detectFormat(source).format).toBe('docx');
  const { bytes, fidelity } = await documentToHtml.convert(source, {});
  const html = Buffer.from(bytes?.content ?? []).toString();
  expect(html).toContain('<p>診斷：高血壓</p>');
  expect(html).toMatch(/<td[^>]*><p>5\.40<\/p><\/td>/);
  expect(html).not.toContain('<script');
  expect(fidelity.mapped).toEqual([{ path: 'word/document.xml', count: 1 }]);
});

const PDFS = join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'data', 'samples', 'pdf');

test.skipIf(!existsSync(PDFS))('the text of PDFs, page by page', async () => {
  const source = readFileSync(join(PDFS, 'C-CDA_R2_UD_sample.pdf'));
  const { bytes, fidelity } = await documentToText.convert(source, {});
  const text = Buffer.from(bytes?.content ?? []).toString();
  expect(text).toContain('Discharge Summary');
  expect(fidelity.mapped).toEqual([{ path: 'page', count: text.split('\f').length }]);
});
