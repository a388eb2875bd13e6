import { compile } from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { type ElementRow, jsonElements, resolveStructure, typeCode } from '../definitions.ts';
import type { Resource } from '../resource.ts';
import { PatchError } from './patch-error.ts';

/** An element within a resource: what holds it, and how it is defined. */
export interface Location {
  holder: Record<string, unknown>;
  /** The property in JSON, such as `valueQuantity`. */
  property: string;
  /** Within the property's list; undefined where it is no list. */
  index: number | undefined;
  row: ElementRow;
}

/** A complex element and the structure that defines its members. */
export interface Parent {
  members: Record<string, unknown>;
  structure: string;
}

/** What `fhirpath` keeps of each result under `resolveInternalTypes: false`. */
interface ResultNode {
  parentResNode: ResultNode | null;
  propName: string | null;
  index: number | null;
  data: unknown;
}

const LONGEST_PATH = 1024;

/**
 * Functions that find an element. Those that could cost a server its time (`repeat`, `matches` with a caller's own
 * regular expression, `aggregate` …) have no place in a path that must name one element.
 */
const FUNCTIONS = new Set(
  (
    'where first last single tail skip take ofType as is extension exists empty not all count startsWith endsWith ' +
    'contains lower upper hasValue'
  ).split(' '),
);
const OPERATORS = new Set(['and', 'or', 'xor', 'implies', 'in', 'contains', 'is', 'as', 'div', 'mod']);

/** The steps to each element that the path finds; the resource itself has none. */
export function findSteps(resource: Resource, path: string, operation: number): Step[][] {
  checkPath(path, operation);
  let results: unknown[];
  try {
    results = compile(path, r4, { resolveInternalTypes: false })(resource) as unknown[];
  } catch {
    // Messages of the evaluator may quote the resource.
    throw new PatchError(400, '"path" is not a FHIRPath expression that can be evaluated on the resource.', operation);
  }
  return results.map((result) => stepsOf(result, operation));
}

export interface Step {
  name: string;
  index: number | undefined;
}

function checkPath(path: string, operation: number): void {
  if (path.length > LONGEST_PATH)
    throw new PatchError(400, `"path" is longer than ${LONGEST_PATH} characters.`, operation);
  const withoutLiterals = path.replace(/'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/gs, "''");
  for (const [, name] of withoutLiterals.matchAll(/([A-Za-z_]\w*)\s*\(/g)) {
    if (name !== undefined && !FUNCTIONS.has(name) && !OPERATORS.has(name)) {
      throw new PatchError(
        400,
        `"path" may not use ${name}(); use names, indexes, where(), first(), last().`,
        operation,
      );
    }
  }
}

function stepsOf(result: unknown, operation: number): Step[] {
  const steps: Step[] = [];
  let node = result as Partial<ResultNode> | null | undefined;
  if (typeof node !== 'object' || node === null || !('parentResNode' in node)) {
    throw new PatchError(422, '"path" must find elements of the resource, not computed values.', operation);
  }
  for (; node?.parentResNode; node = node.parentResNode) {
    steps.unshift({ name: node.propName ?? '', index: node.index ?? undefined });
  }
  return steps;
}

/** Follows steps to a complex element. */
export function parentAt(resource: Resource, steps: readonly Step[], operation: number): Parent {
  let parent: Parent = { members: resource, structure: resource.resourceType };
  for (const step of steps) parent = complexChild(parent, step, operation);
  return parent;
}

/** Follows steps to an element and what holds it. */
export function locationAt(resource: Resource, steps: readonly Step[], operation: number): Location {
  const last = steps.at(-1);
  if (!last) throw new PatchError(422, '"path" finds the whole resource; name an element within it.', operation);
  const parent = parentAt(resource, steps.slice(0, -1), operation);
  return { holder: parent.members, index: last.index, ...propertyOf(parent, last.name, operation) };
}

function complexChild(parent: Parent, step: Step, operation: number): Parent {
  const { property, row, type } = propertyOf(parent, step.name, operation);
  const value = parent.members[property];
  const child = step.index === undefined ? value : (value as unknown[])[step.index];
  if (typeof child !== 'object' || child === null) {
    throw new PatchError(422, `${row.name} is a primitive and holds no elements.`, operation);
  }
  const members = child as Record<string, unknown>;
  const contained = typeof members.resourceType === 'string' ? members.resourceType : undefined;
  return { members, structure: contained ?? type };
}

/** `value` → `valueQuantity` with its row and type, by what is there. */
function propertyOf(
  parent: Parent,
  name: string,
  operation: number,
): { property: string; row: ElementRow; type: string } {
  const row = elementRow(parent.structure, name);
  if (!row) throw new PatchError(422, `"path" names an element that ${parent.structure} does not have.`, operation);
  if (!row.choice) return { property: row.name, row, type: typeCode(row.types?.[0] ?? '') };
  for (const { property, type } of jsonElements(row)) {
    if (Object.hasOwn(parent.members, property)) return { property, row, type: typeCode(type) };
  }
  throw new PatchError(422, `${row.name}[x] has no value.`, operation);
}

/** The row of an element by its name; undefined where the structure has none of that name. */
export function elementRow(structure: string, name: string): ElementRow | undefined {
  return resolveStructure(structure)?.elements.find((row) => row.name === name);
}
