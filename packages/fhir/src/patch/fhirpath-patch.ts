import { jsonElements } from '../definitions.ts';
import { cloneJson, keepWrittenNumber } from '../json.ts';
import type { Resource } from '../resource.ts';
import { elementRow, findSteps, type Location, locationAt, parentAt, type Step } from './fhirpath-location.ts';
import { type PatchOperation, readOperations } from './fhirpath-operations.ts';
import { type ElementValue, elementValue } from './fhirpath-value.ts';
import { patchedResource } from './json-patch.ts';
import { PatchError } from './patch-error.ts';

/**
 * Applies a FHIRPath Patch (FHIR R4, FHIRPath Patch) and returns a new resource; the one given stays as it is.
 * `parameters` may be anything a client sent: a Parameters resource with `operation` parameters of type add, insert,
 * delete, replace or move. Values may be `value[x]` or nested `part`s; the names of choices are written without `[x]`.
 *
 * Throws a `PatchError`: 400 for what is no such patch, 422 where an operation does not fit the resource.
 */
export function applyFhirPathPatch(resource: Resource, parameters: unknown): Resource {
  const operations = readOperations(parameters);
  const patched = cloneJson(resource);
  for (const [index, operation] of operations.entries()) APPLY[operation.type](patched, operation, index);
  return patchedResource(resource, patched);
}

const APPLY: Readonly<
  Record<PatchOperation['type'], (resource: Resource, operation: PatchOperation, index: number) => void>
> = { add, insert, delete: remove, replace, move };

function add(resource: Resource, { path, name, value }: PatchOperation, index: number): void {
  if (name === undefined) throw new PatchError(400, 'add needs the "name" of the element to add.', index);
  const steps = single(findSteps(resource, path, index), index);
  const parent = parentAt(resource, steps, index);
  const row = elementRow(parent.structure, name.replace(/\[x\]$/, ''));
  if (!row) throw new PatchError(422, `${parent.structure} has no such element.`, index);
  const added = elementValue(row, value, index);
  if (row.max !== undefined && row.max !== 1) {
    const list = parent.members[added.property];
    if (list !== undefined && !Array.isArray(list)) throw new PatchError(422, `${row.name} is not a list.`, index);
    const items = (list as unknown[] | undefined) ?? [];
    items.push(added.value);
    parent.members[added.property] = items;
    return;
  }
  if (jsonElements(row).some(({ property }) => Object.hasOwn(parent.members, property))) {
    throw new PatchError(422, `${row.name} is there already and does not repeat; use replace.`, index);
  }
  put(parent.members, added);
}

function insert(resource: Resource, operation: PatchOperation, index: number): void {
  const { location, list } = listAt(resource, operation.path, index);
  const at = required(operation.index, 'index', index);
  if (at > list.length) throw new PatchError(422, `"index" lies beyond the end of ${location.row.name}.`, index);
  list.splice(at, 0, elementValue(location.row, operation.value, index).value);
  const shadow = location.holder[`_${location.property}`];
  if (Array.isArray(shadow)) shadow.splice(at, 0, null);
}

function remove(resource: Resource, { path }: PatchOperation, index: number): void {
  const found = findSteps(resource, path, index);
  // What is not there need not be deleted: the patch then has its effect already.
  if (found.length === 0) return;
  const { holder, property, index: at } = locationAt(resource, single(found, index), index);
  for (const member of [property, `_${property}`]) removeMember(holder, member, at);
}

function removeMember(holder: Record<string, unknown>, member: string, at: number | undefined): void {
  const list = holder[member];
  if (at !== undefined && Array.isArray(list) && list.length > 1) list.splice(at, 1);
  else delete holder[member];
}

function replace(resource: Resource, { path, value }: PatchOperation, index: number): void {
  const location = locationAt(resource, single(findSteps(resource, path, index), index), index);
  const { holder, property, index: at, row } = location;
  const replacement = elementValue(row, value, index);
  if (at !== undefined) {
    (holder[property] as unknown[])[at] = replacement.value;
    const shadow = holder[`_${property}`];
    if (Array.isArray(shadow)) shadow[at] = null;
    return;
  }
  delete holder[`_${property}`];
  if (replacement.property !== property) delete holder[property];
  put(holder, replacement);
}

function move(resource: Resource, operation: PatchOperation, index: number): void {
  const { location, list } = listAt(resource, operation.path, index);
  const source = required(operation.source, 'source', index);
  const destination = required(operation.destination, 'destination', index);
  if (source >= list.length || destination >= list.length) {
    throw new PatchError(422, `"source" and "destination" must lie within ${location.row.name}.`, index);
  }
  const shadow = location.holder[`_${location.property}`];
  for (const items of [list, shadow]) {
    if (Array.isArray(items)) items.splice(destination, 0, ...items.splice(source, 1));
  }
}

function put(holder: Record<string, unknown>, { property, value, source, key }: ElementValue): void {
  holder[property] = value;
  keepWrittenNumber(source, key, holder, property);
}

/** The one element that the path must find (R4, FHIRPath Patch: "the path SHALL return a single element"). */
function single(found: Step[][], index: number): Step[] {
  const [steps] = found;
  if (!steps || found.length > 1) {
    throw new PatchError(422, `"path" finds ${found.length} elements; it must find exactly one.`, index);
  }
  return steps;
}

/** The list that the path finds: all its results are items of one property of one element. */
function listAt(resource: Resource, path: string, index: number): { location: Location; list: unknown[] } {
  const found = findSteps(resource, path, index).map((steps) => locationAt(resource, steps, index));
  const [location] = found;
  if (!location) throw new PatchError(422, '"path" finds no list; use add for its first item.', index);
  const same = found.every(({ holder, property }) => holder === location.holder && property === location.property);
  const list = location.holder[location.property];
  if (!same || !Array.isArray(list)) throw new PatchError(422, '"path" must find one list.', index);
  return { location, list };
}

function required(value: number | undefined, name: string, index: number): number {
  if (value === undefined) throw new PatchError(400, `"${name}" is missing; it is a whole number from 0.`, index);
  return value;
}
