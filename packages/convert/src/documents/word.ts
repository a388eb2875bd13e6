import { ConversionError } from '../evidence/converter.ts';
import type { Fidelity } from '../evidence/fidelity.ts';

/** Most bytes that the parts of a package may have unpacked, and most parts. */
const MOST_UNPACKED = 200 * 1024 * 1024;
const MOST_PARTS = 10_000;

/** A Word document (DOCX) as HTML: paragraphs, headings, lists, tables, notes, pictures inside it. */
export async function wordToHtml(source: Uint8Array, fidelity: Fidelity): Promise<string> {
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  checkPackage(bytes);
  const { default: mammoth } = await import('mammoth');
  const { value, messages } = await mammoth
    .convertToHtml({ buffer: bytes }, { externalFileAccess: false, includeEmbeddedStyleMap: false })
    .catch(() => {
      throw new ConversionError('The Word document is damaged or protected; save it again without a password.');
    });
  fidelity.mapped('word/document.xml');
  // messages name styles and elements, which a writer may have named after a patient: only their kinds are counted
  for (const { type } of messages) {
    fidelity.dropped(`word/document.xml (${type})`, 'a style or element that HTML has no counterpart for');
  }
  fidelity.kept('page layout, headers, footers and revisions', 'the original');
  return value;
}

/**
 * Adds up what a ZIP package says its parts unpack to (APPNOTE 6.3.10 §4.3.12), before anything is unpacked. A package that
 * says too little is still bounded by the memory of the process.
 */
export function checkPackage(bytes: Buffer): void {
  const directoryEntry = Buffer.from('PK\x01\x02', 'latin1');
  let [parts, unpacked] = [0, 0];
  for (let at = bytes.indexOf(directoryEntry); at >= 0; at = bytes.indexOf(directoryEntry, at + 4)) {
    if (at + 46 > bytes.length) break;
    parts++;
    unpacked += bytes.readUInt32LE(at + 24);
  }
  if (parts === 0) throw new ConversionError('The document is not a whole ZIP package; send it again.');
  if (parts > MOST_PARTS || unpacked > MOST_UNPACKED) {
    throw new ConversionError('The document unpacks to more than 200 MB; save it with smaller pictures.');
  }
}
