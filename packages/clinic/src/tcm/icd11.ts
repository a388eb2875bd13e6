import builtIn from '../../data/tcm/icd11.json' with { type: 'json' };

/** The code system of ICD-11 for Mortality and Morbidity Statistics (WHO; HL7 terminology `icd-11`). */
export const ICD11_SYSTEM = 'http://id.who.int/icd/release/11/mms';

/** WHO's notice, to be shown where its titles are. */
export const ICD11_NOTICE: string = builtIn.notice;

/** A code of chapter 26, module I. The title is WHO's, unchanged; the Chinese names are ours and absent in WHO's table. */
export interface Icd11Code {
  code: string;
  title: string;
  /** Disorders are SA00 to SE5Z, patterns SE70 to SJ1Z (ICD-11 chapter 26, module I). */
  kind: 'disorder' | 'pattern';
  zhHant?: string;
  zhHans?: string;
}

/** A table that cannot be read as WHO's; the message says what to give. */
export class Icd11TableError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'Icd11TableError';
  }
}

const MAX_LINES = 100_000;
const MODULE_I = /^S[A-J][0-9A-Z]{2}(\.[0-9A-Z]{1,2})?$/;

/** The kind of a code of module I; undefined for any other text. */
export function icd11Kind(code: string): Icd11Code['kind'] | undefined {
  if (!MODULE_I.test(code)) return undefined;
  return code < 'SE7' ? 'disorder' : 'pattern';
}

/** The codes that examples and demonstration data use; load WHO's table for all of them. */
export const ICD11_BUILT_IN: ReadonlyMap<string, Icd11Code> = new Map(
  builtIn.codes.map((row) => [row.code, { ...row, kind: icd11Kind(row.code) ?? 'pattern' }]),
);

/**
 * Reads the codes of module I from WHO's simple tabulation (ICD-11 MMS) saved as tab-separated text, as WHO offers it for
 * download; other chapters are passed over. Only the leading "- - " by which WHO shows the level is taken off a title.
 * Throws an `Icd11TableError` when the heading has no `Code` and `Title`, or the text is longer than 100,000 lines.
 */
export function loadIcd11Table(text: string): Map<string, Icd11Code> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/, MAX_LINES + 1);
  if (lines.length > MAX_LINES) {
    throw new Icd11TableError(`Give one release of WHO's table; this text has more than ${MAX_LINES} lines.`);
  }
  const heading = (lines[0] ?? '').split('\t').map((name) => unquote(name).toLowerCase());
  const [codeAt, titleAt] = [heading.indexOf('code'), heading.indexOf('title')];
  if (codeAt < 0 || titleAt < 0) {
    throw new Icd11TableError("Give WHO's simple tabulation as tab-separated text with the columns Code and Title.");
  }
  const codes = new Map<string, Icd11Code>();
  for (const line of lines.slice(1)) {
    const cells = line.split('\t');
    const code = unquote(cells[codeAt] ?? '');
    const kind = icd11Kind(code);
    const title = unquote(cells[titleAt] ?? '').replace(/^(- )+/, '');
    if (kind !== undefined && title !== '') codes.set(code, { ...ICD11_BUILT_IN.get(code), code, title, kind });
  }
  return codes;
}

function unquote(cell: string): string {
  const trimmed = cell.trim();
  return trimmed.startsWith('"') && trimmed.endsWith('"') ? trimmed.slice(1, -1).replaceAll('""', '"') : trimmed;
}
