import type { CodeSystem, CodeSystemConcept } from '../definitions-resources.ts';
import type { ConceptRow } from './published.ts';

/** One concept of a loaded code system. */
export interface Concept {
  code: string;
  display?: string;
  definition?: string;
  /** Codes of the concepts directly above. */
  parents: string[];
  /** Codes of the concepts directly below. */
  children: string[];
  properties: ReadonlyMap<string, readonly unknown[]>;
}

/** A loaded code system, its concepts in the order of definition. */
export interface LoadedCodeSystem {
  url: string;
  version?: string;
  name?: string;
  /** R4 code-system-content-mode: only `complete` and `fragment` tell which codes exist. */
  content: string;
  concepts: ReadonlyMap<string, Concept>;
}

const NO_PROPERTIES: ReadonlyMap<string, readonly unknown[]> = new Map();

/** Most concepts of one code system; larger ones (SNOMED CT, LOINC) need a terminology server. */
export const MAX_CONCEPTS = 500_000;

/** Concepts from the rows of the published tables. */
export function conceptsFromRows(rows: readonly ConceptRow[]): Map<string, Concept> {
  const concepts = new Map<string, Concept>();
  const visit = (list: readonly ConceptRow[], parent: string | undefined) => {
    for (const [code, display, definition, narrower = []] of list) {
      addConcept(concepts, { code, display, definition: definition || display, properties: NO_PROPERTIES }, parent);
      visit(narrower, code);
    }
  };
  visit(rows, undefined);
  return concepts;
}

/** Concepts of a CodeSystem resource: nested ones, and hierarchies told by the properties `parent` and `child`. */
export function conceptsFromResource(resource: CodeSystem): Map<string, Concept> {
  const concepts = new Map<string, Concept>();
  const open: [CodeSystemConcept, string | undefined][] = (resource.concept ?? []).map((each) => [each, undefined]);
  open.reverse();
  while (open.length > 0) {
    const [concept, parent] = open.pop() ?? [];
    if (!concept) break;
    if (concepts.size >= MAX_CONCEPTS) throw new RangeError(`The code system has more than ${MAX_CONCEPTS} concepts.`);
    const { code, display, definition } = concept;
    addConcept(concepts, { code, display, definition, properties: propertiesOf(concept) }, parent);
    for (const narrower of [...(concept.concept ?? [])].reverse()) open.push([narrower, code]);
  }
  linkByProperties(concepts);
  return concepts;
}

function addConcept(
  concepts: Map<string, Concept>,
  found: {
    code: string;
    display: string | undefined;
    definition: string | undefined;
    properties: Concept['properties'];
  },
  parent: string | undefined,
): void {
  let concept = concepts.get(found.code);
  if (!concept) {
    concept = { code: found.code, parents: [], children: [], properties: found.properties };
    if (found.display) concept.display = found.display;
    if (found.definition) concept.definition = found.definition;
    concepts.set(found.code, concept);
  }
  if (parent !== undefined) link(concepts, parent, found.code);
}

function link(concepts: Map<string, Concept>, parent: string, child: string): void {
  const [above, below] = [concepts.get(parent), concepts.get(child)];
  if (!above || !below || below.parents.includes(parent)) return;
  below.parents.push(parent);
  above.children.push(child);
}

function linkByProperties(concepts: Map<string, Concept>): void {
  for (const { code, properties } of concepts.values()) {
    for (const parent of properties.get('parent') ?? []) link(concepts, String(parent), code);
    for (const child of properties.get('child') ?? []) link(concepts, code, String(child));
  }
}

/** Property values by code: the `value[x]` as it stands, and the code of a Coding. */
function propertiesOf({ property }: CodeSystemConcept): ReadonlyMap<string, readonly unknown[]> {
  if (!property) return NO_PROPERTIES;
  const properties = new Map<string, unknown[]>();
  for (const { code, ...rest } of property) {
    const value = Object.entries(rest).find(([name]) => name.startsWith('value'))?.[1];
    const plain = typeof value === 'object' && value !== null && 'code' in value ? value.code : value;
    properties.set(code, [...(properties.get(code) ?? []), plain]);
  }
  return properties;
}

/** The concept and everything below it; circles are walked once. */
export function withDescendants(system: LoadedCodeSystem, code: string): Set<string> {
  const found = new Set<string>();
  const open = system.concepts.has(code) ? [code] : [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(system.concepts.get(next)?.children ?? []));
  }
  return found;
}

/** The concept and everything above it. */
export function withAncestors(system: LoadedCodeSystem, code: string): Set<string> {
  const found = new Set<string>();
  const open = system.concepts.has(code) ? [code] : [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(system.concepts.get(next)?.parents ?? []));
  }
  return found;
}
