import type { ValueSet, ValueSetContains, ValueSetInclude } from '../definitions-resources.ts';
import { type LoadedCodeSystem, withAncestors, withDescendants } from './code-systems.ts';
import { TerminologyError } from './error.ts';
import { systemsBySyntax } from './syntax.ts';

/** Codes by system, each with its display if one is known; in the order of the value set. */
export type Codes = Map<string, Map<string, string | undefined>>;

/** What a composition is resolved against. */
export interface Sources {
  codeSystem(url: string): LoadedCodeSystem | undefined;
  valueSet(url: string): ValueSet | undefined;
}

/** Most codes of one expansion. */
export const MAX_CODES = 100_000;
/** Longest chain of value sets that include each other. */
const MAX_NESTING = 16;

/**
 * All codes of a value set (R4, ValueSet, "Composition Rules"): the union of the includes without the excludes; within an
 * include, what the system part and every imported value set have in common.
 */
export function composeCodes(valueSet: ValueSet, sources: Sources, nesting = 0): Codes {
  if (nesting > MAX_NESTING) {
    throw new TerminologyError(
      'invalid',
      `The value set includes value sets more than ${MAX_NESTING} deep, or itself.`,
    );
  }
  const codes: Codes = new Map();
  if (!valueSet.compose && valueSet.expansion) {
    addExpansion(codes, valueSet.expansion.contains ?? []);
    return codes;
  }
  for (const include of valueSet.compose?.include ?? []) {
    for (const [system, found] of includedCodes(include, sources, nesting)) {
      for (const [code, display] of found) addCode(codes, system, code, display);
    }
  }
  for (const exclude of valueSet.compose?.exclude ?? []) {
    for (const [system, found] of includedCodes(exclude, sources, nesting)) {
      for (const code of found.keys()) codes.get(system)?.delete(code);
    }
  }
  return codes;
}

function addCode(codes: Codes, system: string, code: string, display: string | undefined): void {
  let found = codes.get(system);
  if (!found) {
    found = new Map();
    codes.set(system, found);
  }
  if (!found.has(code)) found.set(code, display);
  if (found.size > MAX_CODES) {
    throw new TerminologyError('too-costly', `The value set has more than ${MAX_CODES} codes; ask for a smaller one.`);
  }
}

function addExpansion(codes: Codes, contains: readonly ValueSetContains[]): void {
  const open = [...contains].reverse();
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.system !== undefined && next.code !== undefined && next.abstract !== true) {
      addCode(codes, next.system, next.code, next.display);
    }
    open.push(...[...(next.contains ?? [])].reverse());
  }
}

function includedCodes(include: ValueSetInclude, sources: Sources, nesting: number): Codes {
  const parts: Codes[] = (include.valueSet ?? []).map((url) => {
    const imported = sources.valueSet(url);
    if (!imported) throw new TerminologyError('not-found', `Load the value set ${url}, which this one includes.`);
    return composeCodes(imported, sources, nesting + 1);
  });
  if (include.system !== undefined) parts.unshift(new Map([[include.system, systemCodes(include, sources)]]));
  const [first, ...others] = parts;
  if (!first) throw new TerminologyError('invalid', 'Give every include of the value set a system or a value set.');
  return others.reduce(intersect, first);
}

function intersect(codes: Codes, others: Codes): Codes {
  const common: Codes = new Map();
  for (const [system, found] of codes) {
    for (const [code, display] of found) if (others.get(system)?.has(code)) addCode(common, system, code, display);
  }
  return common;
}

function systemCodes(include: ValueSetInclude, sources: Sources): Map<string, string | undefined> {
  const url = include.system ?? '';
  const system = sources.codeSystem(url);
  if (include.concept) {
    return new Map(
      include.concept.map(({ code, display }) => [code, display ?? system?.concepts.get(code)?.display] as const),
    );
  }
  if (!isEnumerable(system)) throw notLoaded(url);
  const selected = (include.filter ?? []).map((filter) => filteredCodes(system, filter));
  const codes = new Map<string, string | undefined>();
  for (const { code, display } of system.concepts.values()) {
    if (selected.every((set) => set.has(code))) codes.set(code, display);
  }
  return codes;
}

/** Whether the codes of a loaded system can be listed. */
export function isEnumerable(system: LoadedCodeSystem | undefined): system is LoadedCodeSystem {
  return system !== undefined && (system.content === 'complete' || system.content === 'fragment');
}

export function notLoaded(url: string): TerminologyError {
  const why = systemsBySyntax.has(url)
    ? 'has no list of codes; codes can be validated one by one'
    : 'is not loaded here; add the CodeSystem or ask a terminology server';
  return new TerminologyError('not-loaded', `The code system ${url} ${why}.`);
}

type Filter = NonNullable<ValueSetInclude['filter']>[number];

/** The codes that a filter selects (R4, filter-operator). */
function filteredCodes(system: LoadedCodeSystem, { property, op, value }: Filter): ReadonlySet<string> {
  const all = system.concepts;
  const holds = (code: string): readonly unknown[] => propertyValues(system, code, property);
  const select = (keep: (code: string) => boolean) => new Set([...all.keys()].filter(keep));
  switch (op) {
    case '=':
      return select((code) => holds(code).some((each) => String(each) === value));
    case 'in':
    case 'not-in': {
      const listed = new Set(value.split(',').map((each) => each.trim()));
      return select((code) => holds(code).some((each) => listed.has(String(each))) === (op === 'in'));
    }
    case 'exists':
      return select((code) => holds(code).length > 0 === (value === 'true'));
    case 'is-a':
      return withDescendants(system, value);
    case 'descendent-of': {
      const below = withDescendants(system, value);
      below.delete(value);
      return below;
    }
    case 'is-not-a': {
      const below = withDescendants(system, value);
      return select((code) => !below.has(code));
    }
    case 'generalizes':
      return withAncestors(system, value);
    default:
      // `regex` runs a pattern of the sender's over every code: a way to keep a processor busy.
      throw new TerminologyError(
        'not-supported',
        `The filter operator ${op} is not supported; list the codes instead.`,
      );
  }
}

function propertyValues(system: LoadedCodeSystem, code: string, property: string): readonly unknown[] {
  const concept = system.concepts.get(code);
  if (!concept) return [];
  if (property === 'code' || property === 'concept') return [code];
  if (property === 'display') return concept.display === undefined ? [] : [concept.display];
  if (property === 'parent') return concept.parents;
  if (property === 'child') return concept.children;
  return concept.properties.get(property) ?? [];
}
