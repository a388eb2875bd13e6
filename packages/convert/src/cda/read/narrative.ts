import { table } from '../concept-maps.ts';
import { escapeXml, type XmlElement } from '../xml.ts';

/** Elements of a CDA narrative (CDA R2, 4.3.5) and their XHTML; HTML of messy exports stays where it is harmless. */
const ELEMENTS: Readonly<Record<string, string>> = table({
  paragraph: 'p',
  content: 'span',
  list: 'ul',
  item: 'li',
  caption: 'b',
  table: 'table',
  thead: 'thead',
  tbody: 'tbody',
  tfoot: 'tfoot',
  tr: 'tr',
  th: 'th',
  td: 'td',
  sub: 'sub',
  sup: 'sup',
  footnote: 'span',
  linkHtml: 'a',
  p: 'p',
  div: 'div',
  ul: 'ul',
  ol: 'ol',
  li: 'li',
  b: 'b',
  i: 'i',
  strong: 'b',
  em: 'i',
  pre: 'pre',
});

const STYLES: Readonly<Record<string, string>> = table({
  bold: 'font-weight: bold',
  italics: 'font-style: italic',
  underline: 'text-decoration: underline',
});

/**
 * The `text` of a section as `Narrative.div`: the same words in the same order, with anchors and tables, and without
 * anything that runs or loads. None where there is no word in it.
 */
export function narrativeDiv(text: XmlElement): string | undefined {
  if (text.text().trim() === '') return undefined;
  const parts: string[] = [];
  write(text.children, parts);
  return `<div xmlns="http://www.w3.org/1999/xhtml">${parts.join('')}</div>`;
}

function write(children: XmlElement['children'], parts: string[]): void {
  for (const child of children) {
    if (typeof child === 'string') parts.push(escapeXml(child));
    else writeElement(child, parts);
  }
}

function writeElement(element: XmlElement, parts: string[]): void {
  if (element.name === 'br') {
    parts.push('<br/>');
    return;
  }
  const name = nameFor(element);
  parts.push(`<${name}${attributes(element, name)}>`);
  write(element.children, parts);
  parts.push(`</${name}>`);
}

function nameFor(element: XmlElement): string {
  if (element.name === 'list' && element.attributes.listType === 'ordered') return 'ol';
  return ELEMENTS[element.name] ?? 'span';
}

function attributes(element: XmlElement, name: string): string {
  const { ID, styleCode, href, colspan, rowspan } = element.attributes;
  let written = '';
  const add = (attribute: string, value: string): void => {
    written += ` ${attribute}="${escapeXml(value)}"`;
  };
  if (ID && /^[A-Za-z_][\w.-]*$/.test(ID)) add('id', ID);
  const styles = styleCode
    ?.split(/\s+/)
    .map((code) => STYLES[code.toLowerCase()])
    .filter((style) => style !== undefined);
  if (styles && styles.length > 0) add('style', styles.join('; '));
  if (name === 'a' && href && /^(?:https?:\/\/|#|mailto:|tel:)[!-~]*$/.test(href)) add('href', href);
  if (name === 'td' || name === 'th') {
    if (colspan && /^\d{1,3}$/.test(colspan)) add('colspan', colspan);
    if (rowspan && /^\d{1,3}$/.test(rowspan)) add('rowspan', rowspan);
  }
  return written;
}

/** Places in narratives by their ID, for references such as `originalText/reference[@value="#p1"]`. */
export function narrativePlaces(root: XmlElement): Map<string, XmlElement> {
  const places = new Map<string, XmlElement>();
  const gather = (element: XmlElement): void => {
    const id = element.attributes.ID;
    if (id && !places.has(id)) places.set(id, element);
    for (const child of element.children) if (typeof child !== 'string') gather(child);
  };
  gather(root);
  return places;
}
