/**
 * What a narrative may consist of (FHIR R4, Narrative, txt-1): "the basic html formatting elements and attributes described
 * in chapters 7-11 (except section 4 of chapter 9) and 15 of the HTML 4.0 standard, <a> elements (either name or href),
 * images and internally contained style attributes". Chapter numbers below are those of HTML 4.01.
 */
export const narrativeElements: ReadonlySet<string> = new Set([
  // 7: structure; 9: text; 10: lists; 11: tables
  ...['div', 'span', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'address', 'p', 'br', 'pre', 'blockquote', 'q', 'sub', 'sup'],
  ...['em', 'strong', 'dfn', 'code', 'samp', 'kbd', 'var', 'cite', 'abbr', 'acronym', 'bdo'],
  ...['ul', 'ol', 'li', 'dl', 'dt', 'dd'],
  ...['table', 'caption', 'colgroup', 'col', 'thead', 'tfoot', 'tbody', 'tr', 'th', 'td'],
  // 15: fonts and rules; 12 and 13 as far as R4 names them: links and images
  ...['tt', 'i', 'b', 'big', 'small', 'hr', 'a', 'img', 'map', 'area'],
]);

const everywhere = [
  ...['id', 'class', 'style', 'title', 'lang', 'xml:lang', 'dir', 'accesskey', 'tabindex'],
  ...['align', 'valign', 'char', 'charoff', 'width', 'height', 'span', 'abbr', 'axis', 'headers', 'scope'],
  ...['rowspan', 'colspan', 'xmlns'],
];

/** Attributes that any of the elements may have. */
export const commonAttributes: ReadonlySet<string> = new Set(everywhere);

/** Attributes of single elements. */
export const ownAttributes: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    a: ['href', 'name', 'rel', 'target'],
    img: ['src', 'alt', 'border', 'usemap', 'longdesc'],
    map: ['name'],
    area: ['shape', 'coords', 'href', 'nohref', 'alt'],
    blockquote: ['cite'],
    q: ['cite'],
    table: ['summary', 'border', 'frame', 'rules', 'cellpadding', 'cellspacing', 'bgcolor'],
    tr: ['bgcolor'],
    th: ['nowrap', 'bgcolor'],
    td: ['nowrap', 'bgcolor'],
    ul: ['type', 'compact'],
    ol: ['type', 'start', 'compact'],
    li: ['type', 'value'],
    hr: ['size', 'noshade'],
    br: ['clear'],
    pre: ['xml:space', 'space'],
  }).map(([element, names]) => [element, new Set(names)]),
);

/** Attributes that hold an address. */
export const addressAttributes: ReadonlySet<string> = new Set(['href', 'src', 'cite', 'longdesc', 'usemap']);
