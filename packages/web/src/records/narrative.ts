const BLOCKS = /<\/?(?:p|div|br|li|tr|h[1-6]|table|ul|ol)\b[^>]*>/gi;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
/** Longer narratives are cut before anything else is done with them. */
const LONGEST = 200_000;

/**
 * The words of a narrative (XHTML, R4 §2.4) without its markup. The result is text and must be shown as text: what looks
 * like markup in it came from escaped characters.
 */
export function narrativeText(xhtml: string): string {
  return xhtml
    .slice(0, LONGEST)
    .replace(/<(?:style|script)\b[\s\S]*?(?:<\/(?:style|script)>|$)/gi, '')
    .replace(BLOCKS, '\n')
    .replace(/<\/t[dh]>/gi, '\t')
    .replace(/<[^>]*(?:>|$)/g, '')
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hexadecimal, name) => {
      if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
      return code > 0x10ffff ? '' : String.fromCodePoint(code);
    })
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}
