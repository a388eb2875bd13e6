import { ConversionError, type ConversionResult, type Converter } from '../evidence/converter.ts';
import { Fidelity } from '../evidence/fidelity.ts';
import { decodeText } from './decode-text.ts';
import { detectFormat, type Format } from './detect-format.ts';
import { escapeHtml, page, safeHtml, textOfHtml } from './safe-html.ts';

export interface DocumentOptions {
  /** Content-Type that the sender gave. */
  declared?: string;
}

/** Documents as a page to read: safe HTML that needs nothing but itself. */
export const documentToHtml = {
  name: 'document-to-html',
  version: '1.0.0',
  from: 'text/*, application/pdf, DOCX',
  to: 'text/html',
  async convert(source: Uint8Array, options: DocumentOptions): Promise<ConversionResult> {
    const { html, fidelity } = await read(source, options);
    return { bytes: { content: Buffer.from(page(html)), contentType: 'text/html' }, fidelity };
  },
} satisfies Converter<DocumentOptions>;

/** Documents as plain text in UTF-8: to be searched. */
export const documentToText = {
  name: 'document-to-text',
  version: '1.0.0',
  from: 'text/*, application/pdf, DOCX',
  to: 'text/plain',
  async convert(source: Uint8Array, options: DocumentOptions): Promise<ConversionResult> {
    const { html, text, fidelity } = await read(source, options);
    return { bytes: { content: Buffer.from(text ?? textOfHtml(html)), contentType: 'text/plain' }, fidelity };
  },
} satisfies Converter<DocumentOptions>;

interface Read {
  html: string;
  /** Where it is not the text of `html`. */
  text?: string;
  fidelity: ReturnType<Fidelity['report']>;
}

async function read(source: Uint8Array, { declared }: DocumentOptions): Promise<Read> {
  const fidelity = new Fidelity();
  const { format } = detectFormat(source, declared);
  const result = await readAs(format, source, declared, fidelity);
  return { ...result, fidelity: fidelity.report() };
}

async function readAs(
  format: Format,
  source: Uint8Array,
  declared: string | undefined,
  fidelity: Fidelity,
): Promise<{ html: string; text?: string }> {
  switch (format) {
    case 'text':
    case 'fhir-json':
    case 'hl7v2': {
      const text = decoded(source, declared, fidelity);
      return { html: `<pre>${escapeHtml(text)}</pre>`, text };
    }
    case 'markdown': {
      const { marked } = await import('marked');
      return { html: cleaned(await marked.parse(decoded(source, declared, fidelity), { async: true }), fidelity) };
    }
    case 'html':
      return { html: cleaned(decoded(source, declared, fidelity), fidelity) };
    case 'docx': {
      const { wordToHtml } = await import('./word.ts');
      return { html: cleaned(await wordToHtml(source, fidelity), fidelity) };
    }
    case 'pdf': {
      const { pdfPages } = await import('./pdf.ts');
      const pages = await pdfPages(source, fidelity);
      const sections = pages.map((text) => `<section><pre>${escapeHtml(text)}</pre></section>`);
      return { html: sections.join('<hr>\n'), text: pages.join('\f') };
    }
    default:
      throw new ConversionError(CANNOT[format] ?? CANNOT.other);
  }
}

/** Why a format is kept without a form for reading, and what helps. */
const OFFICE = 'Old Word, ODT, RTF, XLSX and PPTX files are kept but not converted here; save the file as PDF or DOCX.';
const CANNOT: Readonly<Partial<Record<Format, string>> & { other: string }> = {
  office: OFFICE,
  rtf: OFFICE,
  heic: 'HEIC pictures are kept but not converted here; save the picture as JPEG.',
  media: 'Sound and video are kept but not converted here; they play where the browser knows their format.',
  dicom: 'DICOM is taken in at /dicom-web/studies, not converted as a document.',
  other: 'What kind of file this is cannot be told from its content; save it as PDF, DOCX, JPEG or text.',
};

function decoded(source: Uint8Array, declared: string | undefined, fidelity: Fidelity): string {
  const charset = /;\s*charset="?([\w.:-]{1,40})/i.exec(declared ?? '')?.[1];
  const { text, encoding } = decodeText(source, charset);
  fidelity.mapped(`text in ${encoding}`);
  const lost = text.split('\ufffd').length - 1;
  if (lost > 0)
    fidelity.dropped('characters', `bytes that are not valid in ${encoding}; they stand in the original`, lost);
  return text;
}

function cleaned(source: string, fidelity: Fidelity): string {
  const { html, removed } = safeHtml(source);
  for (const [element, count] of removed) {
    fidelity.dropped(
      `element ${element}`,
      'it could act, or load something from elsewhere; it stands in the original',
      count,
    );
  }
  return html;
}
