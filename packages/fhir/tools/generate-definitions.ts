/**
 * Writes `generated/structures.json`: what the validator needs of the R4 StructureDefinitions and of the value sets that
 * are bound as required. Run it with `npm run generate -w packages/fhir`.
 */
import { writeFileSync } from 'node:fs';
import type { Constraint, Definitions, ElementRow, Structure, TypeRow } from '../src/definitions.ts';
import type {
  CodeSystem,
  CodeSystemConcept,
  ElementDefinition,
  ElementType,
  StructureDefinition,
  ValueSet,
} from '../src/definitions-resources.ts';
import { corrections } from './corrections.ts';
import { publishedResources } from './published.ts';

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const MAX_VALUE_SET = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';
const CORE = 'http://hl7.org/fhir/StructureDefinition/';
/** These two are written into the walker itself, because they hold for every element. */
const BUILT_IN = new Set(['ele-1', 'ext-1']);

const definitions = publishedResources<StructureDefinition>('StructureDefinition').filter(isBaseType);
const byName = new Map(definitions.map((definition) => [definition.name, definition]));
const structures: Record<string, Structure> = {};
const constraints: Record<string, Constraint> = {};
const summary: Record<string, string[]> = {};
const bound = new Set<string>();

for (const definition of definitions) addType(definition);
const output: Definitions = { structures, constraints, summary, valueSets: expandBound() };
writeFileSync(new URL('../generated/structures.json', import.meta.url), print(output));

/** Types of the base specification, and the two profiles of Quantity that the base types use themselves. */
function isBaseType(definition: StructureDefinition): boolean {
  if (definition.url !== CORE + definition.name || definition.kind === 'logical') return false;
  return definition.derivation !== 'constraint' || ['SimpleQuantity', 'MoneyQuantity'].includes(definition.name);
}

function addType(definition: StructureDefinition): void {
  const elements = definition.snapshot?.element ?? [];
  const root = elements[0];
  if (!root) throw new Error(`${definition.name} has no snapshot.`);
  if (definition.kind === 'primitive-type') {
    structures[definition.name] = { kind: 'primitive', elements: [] };
    return;
  }
  const base = definition.baseDefinition?.slice(CORE.length);
  structures[definition.name] = {
    kind: definition.kind === 'resource' ? 'resource' : 'complex',
    ...(definition.abstract ? { abstract: true } : {}),
    ...(base ? { base } : {}),
    elements: [],
    ...keysOf(root, base === undefined ? undefined : byName.get(base)?.snapshot?.element?.[0]),
  };
  for (const element of elements.slice(1)) addElement(definition, element);
  if (definition.kind === 'resource') summary[definition.name] = summaryOf(elements);
}

function addElement(definition: StructureDefinition, element: ElementDefinition): void {
  const cut = element.path.lastIndexOf('.');
  const parent = element.path.slice(0, cut).replace(/^[^.]+/, definition.name);
  const own = element.path.replace(/^[^.]+/, definition.name);
  // What a type inherits unchanged stands once, with the type it comes from.
  if (element.base && element.base.path !== own && inheritsUnchanged(definition, element)) return;
  const nested = element.type?.[0]?.code;
  const isNested = element.type?.length === 1 && (nested === 'BackboneElement' || nested === 'Element');
  if (isNested) {
    structures[own] = { kind: 'complex', base: nested ?? 'Element', elements: [], ...keysOf(element) };
  }
  const structure = structures[parent];
  if (!structure) throw new Error(`No structure for ${parent}.`);
  structure.elements.push(rowOf(element, own, isNested));
}

function inheritsUnchanged(definition: StructureDefinition, element: ElementDefinition): boolean {
  const [origin = '', name = ''] = element.base?.path.split('.') ?? [];
  if (definition.name === origin) return false;
  const inherited = byName.get(origin)?.snapshot?.element.find(({ path }) => path === `${origin}.${name}`);
  if (!inherited) return false;
  const mine = rowOf(element, element.path, false);
  const theirs = rowOf(inherited, inherited.path, false);
  return JSON.stringify(mine) === JSON.stringify(theirs);
}

function rowOf(element: ElementDefinition, own: string, isNested: boolean): ElementRow {
  const name = own.slice(own.lastIndexOf('.') + 1);
  const row: ElementRow = { name: name.replace('[x]', '') };
  if (name.endsWith('[x]')) row.choice = true;
  if (element.min) row.min = element.min;
  if (element.max !== '1') row.max = element.max === '*' ? '*' : Number(element.max);
  if (element.contentReference) row.types = [element.contentReference.slice(1)];
  else if (isNested) row.types = [own];
  else row.types = (element.type ?? []).map((type) => typeRow(type, own, element.base?.path));
  const valueSet = requiredValueSet(element);
  if (valueSet) {
    row.binding = valueSet;
    bound.add(valueSet);
  }
  return isNested ? row : { ...row, ...keysOf(element) };
}

function typeRow(type: ElementType, own: string, base: string | undefined): TypeRow {
  const code = type.extension?.find(({ url }) => url === FHIR_TYPE)?.valueUrl ?? type.code;
  // R4 types Resource.id and Element.id alike as "string"; the text gives each its own rule.
  if (base === 'Resource.id') return 'id';
  if (own.endsWith('.id') && type.code.startsWith('http://hl7.org/fhirpath/')) return 'elementId';
  const targets = (type.targetProfile ?? []).map((profile) => profile.slice(CORE.length));
  if (code === 'Reference' && targets.length > 0 && !targets.includes('Resource')) return { code, targets };
  const profile = type.profile?.[0]?.slice(CORE.length);
  return profile && byName.has(profile) ? { code, profile } : code;
}

/** The value set whose codes are the only ones allowed: bound as required, or named as the widest one allowed. */
function requiredValueSet(element: ElementDefinition): string | undefined {
  const binding = element.binding;
  if (!binding) return undefined;
  if (binding.strength === 'required') return binding.valueSet?.split('|')[0];
  const widest = binding.extension?.find(({ url }) => url === MAX_VALUE_SET)?.valueCanonical;
  return widest?.endsWith('/all-languages') ? widest : undefined;
}

function keysOf(element: ElementDefinition, inheritedFrom?: ElementDefinition): { constraints?: string[] } {
  const inherited = new Set((inheritedFrom?.constraint ?? []).map(({ key }) => key));
  const keys: string[] = [];
  for (const { key, severity, human, expression } of element.constraint ?? []) {
    if (BUILT_IN.has(key) || expression === undefined) continue;
    // R4 gave the key inv-1 to three rules; the path tells them apart.
    const name = key === 'inv-1' ? `${key}@${element.path}` : key;
    constraints[name] = { severity, human, expression: corrections[key] ?? expression };
    if (!inherited.has(key)) keys.push(name);
  }
  return keys.length > 0 ? { constraints: keys } : {};
}

/** Top-level elements that are part of the summary (R4, Search, `_summary=true`). */
function summaryOf(elements: ElementDefinition[]): string[] {
  return elements
    .filter(({ path, isSummary }) => isSummary && path.split('.').length === 2)
    .map(({ path }) => path.slice(path.indexOf('.') + 1));
}

/** The codes of each bound value set by system; value sets over systems that are not published here are left out. */
function expandBound(): Definitions['valueSets'] {
  const systems = new Map(publishedResources<CodeSystem>('CodeSystem').map((system) => [system.url, system]));
  const sets = new Map(publishedResources<ValueSet>('ValueSet').map((set) => [set.url, set]));
  const expanded: Definitions['valueSets'] = {};
  for (const url of [...bound].sort()) {
    const codes: Record<string, string[]> = {};
    const includes = sets.get(url)?.compose?.include ?? [];
    for (const { system = '', concept, filter, valueSet } of includes) {
      if (filter || valueSet) throw new Error(`${url} needs more than a list of codes.`);
      const listed = concept?.map(({ code }) => code) ?? allCodes(systems.get(system)?.concept ?? []);
      if (listed.length > 0) codes[system] = [...(codes[system] ?? []), ...listed];
    }
    if (Object.keys(codes).length > 0) expanded[url] = codes;
  }
  return expanded;
}

function allCodes(concepts: CodeSystemConcept[]): string[] {
  return concepts.flatMap(({ code, concept }) => [code, ...allCodes(concept ?? [])]);
}

/** One entry a line, so that a change of the definitions is readable as a difference. */
function print(value: Definitions): string {
  const sections = Object.entries(value).map(([name, section]) => {
    const lines = Object.entries(section as object).map(
      ([key, entry]) => `${JSON.stringify(key)}:${JSON.stringify(entry)}`,
    );
    return `${JSON.stringify(name)}:{\n${lines.join(',\n')}\n}`;
  });
  return `{${sections.join(',\n')}}\n`;
}
