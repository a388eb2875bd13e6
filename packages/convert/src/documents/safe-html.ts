import sanitizeHtml from 'sanitize-html';

const ELEMENTS = [
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'p',
  'br',
  'hr',
  'div',
  'span',
  'blockquote',
  'pre',
  'code',
  'ul',
  'ol',
  'li',
  'dl',
  'dt',
  'dd',
  'table',
  'caption',
  'thead',
  'tbody',
  'tfoot',
  'tr',
  'th',
  'td',
  'b',
  'strong',
  'i',
  'em',
  'u',
  's',
  'del',
  'ins',
  'sub',
  'sup',
  'small',
  'mark',
  'a',
  'img',
  'figure',
  'figcaption',
  'section',
  'article',
  'header',
  'footer',
  'ruby',
  'rt',
  'rp',
];
/** Their content is no text for a reader. */
const SILENT = [
  'script',
  'style',
  'textarea',
  'option',
  'noscript',
  'template',
  'iframe',
  'object',
  'embed',
  'svg',
  'math',
  'title',
];

const OWN_PICTURE = /^data:image\/(?:png|jpeg|gif|webp);/i;
const ACTIVE = [
  'img',
  'link',
  'base',
  'form',
  'input',
  'button',
  'select',
  'audio',
  'video',
  'canvas',
  'frame',
  'font',
];

/** HTML that may be shown: elements for reading only, no script, no style, nothing fetched from elsewhere. */
export interface SafeHtml {
  html: string;
  /** Elements that were taken out, by name, with their count. */
  removed: ReadonlyMap<string, number>;
}

/** Takes everything out of HTML that acts, hides or fetches. Pictures stay only where the document itself holds them. */
export function safeHtml(source: string): SafeHtml {
  const removed = new Map<string, number>();
  const allowed = new Set(ELEMENTS);
  const structural = new Set(['html', 'head', 'body', 'meta', 'title']);
  const html = sanitizeHtml(source, {
    allowedTags: ELEMENTS,
    nonTextTags: SILENT,
    allowedAttributes: {
      '*': ['lang', 'dir', 'title'],
      a: ['href'],
      img: ['src', 'alt', 'width', 'height'],
      td: ['colspan', 'rowspan'],
      th: ['colspan', 'rowspan', 'scope'],
      ol: ['start'],
    },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    nestingLimit: 100,
    exclusiveFilter: ({ tag, attribs }) => tag === 'img' && !OWN_PICTURE.test(attribs.src ?? ''),
    onOpenTag: (name, attributes) => {
      const fetched = name === 'img' && !OWN_PICTURE.test(attributes.src ?? '');
      if (fetched || (!allowed.has(name) && !structural.has(name))) count(removed, name);
    },
  });
  return { html, removed };
}

/** Names that no standard has could be anything, and any number: they count as one. */
function count(removed: Map<string, number>, element: string): void {
  const name = SILENT.includes(element) || ACTIVE.includes(element) ? element : 'of other names';
  removed.set(name, (removed.get(name) ?? 0) + 1);
}

/** A page around safe HTML. Its policy lets nothing run or load, should the page ever leave a server that says the same. */
export function page(body: string): string {
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
  return [
    '<!doctype html>\n<html><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<style>body{font-family:sans-serif;line-height:1.5;max-width:50em;margin:1em auto;padding:0 1em}',
    'pre{white-space:pre-wrap}table{border-collapse:collapse}td,th{border:1px solid #888;padding:.2em .5em}</style>',
    `</head><body>\n${body}\n</body></html>\n`,
  ].join('');
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** The text of safe HTML, a line for each block. */
export function textOfHtml(html: string): string {
  const broken = html.replaceAll(
    /<(?:br|hr|\/(?:p|div|h[1-6]|li|tr|pre|table|section|article|dt|dd|caption))\b[^>]*>[ \t]*\n?/gi,
    '\n',
  );
  const cells = broken.replaceAll(/<\/t[dh]>/gi, '\t').replaceAll(/<[^>]*>/g, '');
  const plain = cells
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&amp;', '&');
  return `${plain
    .replaceAll(/[ \t]+\n/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
