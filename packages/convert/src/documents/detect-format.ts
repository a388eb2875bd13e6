import { isUtf8 } from 'node:buffer';

/** What a file is by its content. `other` is kept as it is and not looked into. */
export type Format =
  | 'hl7v2'
  | 'ccda'
  | 'fhir-json'
  | 'dicom'
  | 'pdf'
  | 'docx'
  | 'office'
  | 'rtf'
  | 'html'
  | 'markdown'
  | 'text'
  | 'image'
  | 'heic'
  | 'media'
  | 'other';

export interface Detected {
  format: Format;
  /** The media type under which the original is kept. */
  contentType: string;
}

const HEAD = 64 * 1024;

/** First bytes that tell a format; `at` is where they stand. Sources: PDF 32000-1 §7.5.2, DICOM PS3.10 §7.1, RFC 2083,
 * ITU T.81 annex B, TIFF 6.0 §2, RFC 9649 §2.1, ISO/IEC 14496-12 §4.3, RFC 9559. */
const MAGIC: readonly { at: number; bytes: string; is: Detected }[] = [
  { at: 128, bytes: 'DICM', is: { format: 'dicom', contentType: 'application/dicom' } },
  { at: 0, bytes: '%PDF-', is: { format: 'pdf', contentType: 'application/pdf' } },
  { at: 0, bytes: '\x89PNG\r\n\x1a\n', is: { format: 'image', contentType: 'image/png' } },
  { at: 0, bytes: '\xff\xd8\xff', is: { format: 'image', contentType: 'image/jpeg' } },
  { at: 0, bytes: 'II*\0', is: { format: 'image', contentType: 'image/tiff' } },
  { at: 0, bytes: 'MM\0*', is: { format: 'image', contentType: 'image/tiff' } },
  { at: 8, bytes: 'WEBP', is: { format: 'image', contentType: 'image/webp' } },
  { at: 0, bytes: 'GIF8', is: { format: 'image', contentType: 'image/gif' } },
  { at: 4, bytes: 'ftypavif', is: { format: 'image', contentType: 'image/avif' } },
  { at: 4, bytes: 'ftyphe', is: { format: 'heic', contentType: 'image/heic' } },
  { at: 4, bytes: 'ftypmif1', is: { format: 'heic', contentType: 'image/heif' } },
  { at: 4, bytes: 'ftyp', is: { format: 'media', contentType: 'video/mp4' } },
  { at: 0, bytes: '\x1aE\xdf\xa3', is: { format: 'media', contentType: 'video/webm' } },
  { at: 0, bytes: 'OggS', is: { format: 'media', contentType: 'audio/ogg' } },
  { at: 8, bytes: 'WAVE', is: { format: 'media', contentType: 'audio/wav' } },
  { at: 0, bytes: 'ID3', is: { format: 'media', contentType: 'audio/mpeg' } },
  { at: 0, bytes: 'fLaC', is: { format: 'media', contentType: 'audio/flac' } },
  { at: 0, bytes: '{\\rtf', is: { format: 'rtf', contentType: 'application/rtf' } },
  { at: 0, bytes: '\xd0\xcf\x11\xe0', is: { format: 'office', contentType: 'application/x-ole-storage' } },
];

/** Members of a ZIP package that say which one it is (ISO/IEC 29500-2; ODF 1.3 part 2 §3.3). */
const OPENXML = 'application/vnd.openxmlformats-officedocument';
const PACKAGES: readonly [member: string, is: Detected][] = [
  ['word/document.xml', { format: 'docx', contentType: `${OPENXML}.wordprocessingml.document` }],
  ['xl/workbook.xml', { format: 'office', contentType: `${OPENXML}.spreadsheetml.sheet` }],
  ['ppt/presentation.xml', { format: 'office', contentType: `${OPENXML}.presentationml.presentation` }],
  [
    'application/vnd.oasis.opendocument.text',
    { format: 'office', contentType: 'application/vnd.oasis.opendocument.text' },
  ],
];

/**
 * What a file is. The content decides; the declared media type is only asked which kind of text it is, because Markdown
 * cannot be told from plain text. A file that is two things at once is the one that its first bytes say.
 *
 * @param declared such as a Content-Type header; may be wrong
 */
export function detectFormat(source: Uint8Array, declared = ''): Detected {
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  const head = bytes.subarray(0, HEAD).toString('latin1');
  const known = MAGIC.find(({ at, bytes: magic }) => head.startsWith(magic, at));
  if (known) return known.is;
  if (head.startsWith('PK\x03\x04')) return packageOf(bytes);
  return textFormat(bytes, head, declared.split(';', 1)[0]?.trim().toLowerCase() ?? '');
}

function packageOf(bytes: Buffer): Detected {
  const found = PACKAGES.find(([member]) => bytes.includes(member, 0, 'latin1'));
  return found?.[1] ?? { format: 'other', contentType: 'application/zip' };
}

function textFormat(bytes: Buffer, head: string, declared: string): Detected {
  const start = head.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^(?:FHS|BHS|MSH)[^\w\s]/.test(start)) return { format: 'hl7v2', contentType: 'x-application/hl7-v2+er7' };
  if (/<(?:\w+:)?ClinicalDocument[\s>]/.test(start)) return { format: 'ccda', contentType: 'application/hl7-cda+xml' };
  if (start.startsWith('{') && /"resourceType"\s*:/.test(start)) {
    return { format: 'fhir-json', contentType: 'application/fhir+json' };
  }
  if (/^(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*<(?:!doctype html|html|head|body)[\s>]/i.test(start)) {
    return { format: 'html', contentType: 'text/html' };
  }
  if (!looksLikeText(bytes)) return { format: 'other', contentType: 'application/octet-stream' };
  if (declared === 'text/html') return { format: 'html', contentType: 'text/html' };
  if (declared === 'text/markdown') return { format: 'markdown', contentType: 'text/markdown' };
  return { format: 'text', contentType: 'text/plain' };
}

/** Text has no control characters but those that lay it out; UTF-16 has zeros in every other place. */
function looksLikeText(bytes: Buffer): boolean {
  if (bytes.length === 0) return false;
  const head = bytes.subarray(0, HEAD);
  if (isUtf16(head)) return true;
  let odd = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) odd++;
  }
  return odd === 0 || (isUtf8(bytes) && odd < head.length / 100);
}

/** With its byte order mark, or by the zeros of Latin letters. */
export function isUtf16(head: Uint8Array): boolean {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  if (head.length < 8) return false;
  return zeros(head, 0) > 0.4 || zeros(head, 1) > 0.4;
}

/** The share of zeros at even (0) or odd (1) places, if all other places have none; else 0. */
export function zeros(head: Uint8Array, place: 0 | 1): number {
  let [here, there] = [0, 0];
  for (const [at, byte] of head.entries()) {
    if (byte !== 0) continue;
    if (at % 2 === place) here++;
    else there++;
  }
  return there === 0 ? (here * 2) / head.length : 0;
}
