import { ConversionError } from '../evidence/converter.ts';
import type { Fidelity } from '../evidence/fidelity.ts';

const MOST_PAGES = 5000;
const MOST_CHARACTERS = 20_000_000;

/** The text of a PDF, page by page, in the order of its content. Scripts, forms' actions and attachments are not touched. */
export async function pdfPages(source: Uint8Array, fidelity: Fidelity): Promise<string[]> {
  const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const task = pdfjs.getDocument({
    // pdfjs takes the memory for itself
    data: Uint8Array.from(source),
    enableXfa: false,
    disableFontFace: true,
    useSystemFonts: false,
    stopAtErrors: false,
    verbosity: 0,
  });
  try {
    const document = await task.promise.catch((error: unknown) => {
      const isProtected = error instanceof Error && error.name === 'PasswordException';
      throw new ConversionError(
        isProtected
          ? 'The PDF is protected with a password; save it without one.'
          : 'The PDF is damaged and cannot be read; have it made again.',
      );
    });
    if (document.numPages > MOST_PAGES)
      throw new ConversionError(`The PDF has more than ${MOST_PAGES} pages; split it.`);
    const pages: string[] = [];
    let length = 0;
    for (let number = 1; number <= document.numPages; number++) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      const text = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
      page.cleanup();
      length += text.length;
      if (length > MOST_CHARACTERS)
        throw new ConversionError('The PDF holds more than 20 million characters; split it.');
      if (text.trim() === '') fidelity.kept('page without text (a scan or a picture)', 'the original');
      else fidelity.mapped('page');
      pages.push(text);
    }
    fidelity.kept('layout, pictures, forms and attachments', 'the original');
    return pages;
  } finally {
    await task.destroy();
  }
}
