import { SaxesParser } from 'saxes';
import { ConversionError } from '../evidence/converter.ts';

/** What an XML source may cost. A document of 32 MB is ten times the largest export that we know of. */
export interface XmlLimits {
  bytes: number;
  depth: number;
  elements: number;
}

export const XML_LIMITS: XmlLimits = { bytes: 32 * 1024 * 1024, depth: 100, elements: 1_000_000 };

/**
 * An element of a parsed document. Names carry no namespace prefix: CDA and its extensions (`sdtc:raceCode`) differ in no
 * name that matters. Attributes too, but for `xsi:type`, which keeps that name whatever its prefix was.
 */
export class XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (XmlElement | string)[] = [];
  /** Whether a conversion took what the element says; see `unread` in read/accounting.ts. */
  read = false;

  constructor(name: string, attributes: Readonly<Record<string, string>>) {
    this.name = name;
    this.attributes = attributes;
  }

  /** First child of that name. */
  child(name: string): XmlElement | undefined {
    for (const each of this.children) if (typeof each !== 'string' && each.name === name) return each;
    return undefined;
  }

  /** First element along a path of names, such as `at('assignedEntity', 'assignedPerson', 'name')`. */
  at(...names: readonly string[]): XmlElement | undefined {
    let element: XmlElement | undefined = this;
    for (const name of names) element = element?.child(name);
    return element;
  }

  all(name: string): XmlElement[] {
    return this.elements().filter((each) => each.name === name);
  }

  elements(): XmlElement[] {
    return this.children.filter((each): each is XmlElement => typeof each !== 'string');
  }

  /** All text below, in order, at most `limit` characters. */
  text(limit = Number.POSITIVE_INFINITY): string {
    let text = '';
    const gather = (element: XmlElement): void => {
      for (const each of element.children) {
        if (text.length >= limit) return;
        if (typeof each === 'string') text += each;
        else gather(each);
      }
    };
    gather(this);
    return text.length > limit ? text.slice(0, limit) : text;
  }
}

/**
 * Parses XML into elements. There is no DTD and so neither external entities nor ones that grow: a source with a DOCTYPE
 * is refused, and of entities only the five of XML itself and character references exist. Comments and processing
 * instructions are left out.
 *
 * @throws ConversionError with line and column where it is not well formed or passes a limit
 */
export function parseXml(source: Uint8Array, limits: XmlLimits = XML_LIMITS): XmlElement {
  if (source.length > limits.bytes)
    throw new ConversionError(`The XML is larger than ${limits.bytes} bytes. Split it.`);
  const text = decodeXml(source);
  const parser = new SaxesParser();
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  const refuse = (sentence: string): never => {
    throw new ConversionError(sentence, `line ${parser.line}, column ${parser.column}`);
  };
  parser.on('error', () => refuse('The XML is not well formed. Correct it at its source and send it again.'));
  parser.on('doctype', () => refuse('The XML has a DOCTYPE, which is not accepted. Send it without one.'));
  parser.on('opentag', (tag) => {
    count += 1;
    if (count > limits.elements) refuse(`The XML has more than ${limits.elements} elements. Split it.`);
    if (open.length >= limits.depth) refuse(`The XML is nested deeper than ${limits.depth} elements.`);
    const element = new XmlElement(localName(tag.name), localAttributes(tag.attributes));
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const add = (piece: string): void => {
    open.at(-1)?.children.push(piece);
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.write(text).close();
  return root ?? refuse('The XML is empty.');
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function localAttributes(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const local: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue;
    const own = localName(name);
    local[own === 'type' && own !== name ? 'xsi:type' : own] = value;
  }
  return local;
}

/** The character encoding by byte order mark or XML declaration (XML 1.0, appendix F), else UTF-8. */
function decodeXml(source: Uint8Array): string {
  const [first, second] = source;
  const label =
    first === 0xfe && second === 0xff
      ? 'utf-16be'
      : first === 0xff && second === 0xfe
        ? 'utf-16le'
        : (/^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(
            Buffer.from(source.subarray(0, 200)).toString('latin1'),
          )?.[1] ?? 'utf-8');
  try {
    // A declaration of UTF-16 that could be read byte by byte is a false one: it was re-encoded on its way.
    const fits = label.toLowerCase().startsWith('utf-16') && first === 0x3c ? 'utf-8' : label;
    return new TextDecoder(fits, { fatal: true }).decode(source);
  } catch {
    throw new ConversionError(`The bytes are not text in ${label}. Correct the encoding that the XML declares.`);
  }
}

/** Escapes for text and for attributes in double quotes; characters that XML 1.0 has no place for become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character)
    .replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]|\p{Surrogate}/gu, (c) =>
      c >= '\u007f' && c <= '\u009f' ? c : '\ufffd',
    );
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
