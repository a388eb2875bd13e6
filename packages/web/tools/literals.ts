import { parseAst } from 'vite';

/** Words in the source that a reader would see and no catalogue holds. */
export interface Literal {
  line: number;
  text: string;
}

/** A node of the syntax tree (ESTree with JSX), as far as it is looked at here. */
interface Node {
  type: string;
  start: number;
  [field: string]: unknown;
}

/** Attributes whose text is shown or read out. */
const SHOWN = new Set([
  'aria-label',
  'aria-description',
  'title',
  'alt',
  'placeholder',
  'label',
  'summary',
  'description',
]);
/** Elements of Lingui whose content is collected. */
const COLLECTED = new Set(['Trans', 'Plural', 'Select', 'SelectOrdinal']);
const WORDS = /\p{L}{2,}/u;

/** The text of JSX outside Trans and Plural, and literal values of attributes that are shown. */
export function literalsOf(source: string): Literal[] {
  const found: Literal[] = [];
  const note = ({ start }: Node, text: unknown): void => {
    if (typeof text !== 'string' || !WORDS.test(text)) return;
    const leading = text.length - text.trimStart().length;
    found.push({ line: source.slice(0, start + leading).split('\n').length, text: text.trim() });
  };
  const walk = (node: Node, collected: boolean): void => {
    if (node.type === 'JSXText' && !collected) note(node, node.value);
    if (node.type === 'JSXAttribute' && SHOWN.has(nameOf(node.name)) && isNode(node.value))
      note(node, node.value.value);
    const within =
      collected ||
      (node.type === 'JSXElement' && isNode(node.openingElement) && COLLECTED.has(nameOf(node.openingElement.name)));
    for (const child of Object.values(node).flat()) if (isNode(child)) walk(child, within);
  };
  walk(parseAst(source, { lang: 'tsx' }) as unknown as Node, false);
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function nameOf(node: unknown): string {
  return isNode(node) && typeof node.name === 'string' ? node.name : '';
}
