import { escapeXml } from '../xml.ts';

/** A piece of XML that is written already. */
export interface Markup {
  readonly xml: string;
}

type Attributes = Readonly<Record<string, string | number | undefined>>;
type Content = Markup | string | undefined | readonly (Markup | undefined)[];

/** One element: absent attributes and children are left out, texts are escaped. */
export function element(name: string, attributes: Attributes = {}, ...content: readonly Content[]): Markup {
  let start = `<${name}`;
  for (const [attribute, value] of Object.entries(attributes))
    if (value !== undefined) start += ` ${attribute}="${escapeXml(String(value))}"`;
  const inner = content
    .flat()
    .map((each) => (each === undefined ? '' : typeof each === 'string' ? escapeXml(each) : each.xml))
    .join('');
  return { xml: inner === '' ? `${start}/>` : `${start}>${inner}</${name}>` };
}

/** C-CDA R2.1 asks for the template both as of R1.1 and with the date of its release. */
export function templates(suffix: string, release?: string): Markup[] {
  const root = `2.16.840.1.113883.10.20.${suffix}`;
  return [
    element('templateId', { root }),
    ...(release === undefined ? [] : [element('templateId', { root, extension: release })]),
  ];
}
