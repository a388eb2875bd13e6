import { cloneJson, keepWrittenNumber } from '../json.ts';
import type { Resource } from '../resource.ts';
import { pointerTokens } from './json-pointer.ts';
import { MAX_OPERATIONS, PatchError } from './patch-error.ts';

/** One operation of a JSON Patch (RFC 6902 § 4). */
export interface JsonPatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: unknown;
}

/** Bound on what `copy` may multiply, in values (RFC 6902 sets none). */
const MAX_COPIED_VALUES = 1_000_000;

type Container = unknown[] | Record<string, unknown>;

/** A value with where it comes from, because how a decimal was written belongs to it (see `json.ts`). */
interface Sourced {
  value: unknown;
  holder: object;
  key: string;
}

/**
 * Applies a JSON Patch (RFC 6902) and returns a new resource; the one given stays as it is, also when an operation
 * fails. `operations` may be anything a client sent. The resource's type and id cannot be changed.
 *
 * Throws a `PatchError`: 400 for a document that is no JSON Patch, 422 where an operation does not fit (a missing
 * target, a failed `test`).
 */
export function applyJsonPatch(resource: Resource, operations: unknown): Resource {
  if (!Array.isArray(operations)) throw new PatchError(400, 'A JSON Patch is an array of operations (RFC 6902).');
  if (operations.length > MAX_OPERATIONS) {
    throw new PatchError(400, `A JSON Patch has at most ${MAX_OPERATIONS} operations; send several.`);
  }
  const document = new PatchedDocument(cloneJson(resource));
  for (const [index, operation] of operations.entries()) document.apply(operation, index);
  return patchedResource(resource, document.root);
}

/** What came out, provided it is still the same resource. */
export function patchedResource(before: Resource, after: unknown): Resource {
  const patched = after as Partial<Resource> | null;
  const same =
    typeof after === 'object' &&
    patched !== null &&
    patched.resourceType === before.resourceType &&
    patched.id === before.id;
  if (!same) throw new PatchError(422, 'A patch cannot change resourceType or id.');
  return patched as Resource;
}

class PatchedDocument {
  root: unknown;
  #copied = 0;

  constructor(root: unknown) {
    this.root = root;
  }

  apply(operation: unknown, index: number): void {
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) {
      throw new PatchError(400, 'an operation is an object with "op" and "path".', index);
    }
    const { op, path, from, value } = operation as Partial<JsonPatchOperation>;
    const target = pointerTokens(path, 'path', index);
    switch (op) {
      case 'add':
        this.#add(target, given(operation, value, index), index);
        return;
      case 'replace':
        this.#replace(target, given(operation, value, index), index);
        return;
      case 'test':
        this.#test(target, given(operation, value, index).value, index);
        return;
      case 'remove':
        this.#remove(target, index);
        return;
      case 'copy':
        this.#add(target, this.#copyOf(pointerTokens(from, 'from', index), index), index);
        return;
      case 'move':
        this.#move(pointerTokens(from, 'from', index), target, index);
        return;
      default:
        throw new PatchError(400, '"op" must be add, remove, replace, move, copy or test.', index);
    }
  }

  #add(target: readonly string[], sourced: Sourced, index: number): void {
    const last = target.at(-1);
    if (last === undefined) {
      this.root = sourced.value;
      return;
    }
    const container = this.#container(target, index);
    if (!Array.isArray(container)) {
      put(container, last, sourced);
      return;
    }
    const at = last === '-' ? container.length : arrayIndex(last, index);
    if (at > container.length) throw new PatchError(422, 'the position lies beyond the end of the list.', index);
    container.splice(at, 0, sourced.value);
  }

  #replace(target: readonly string[], sourced: Sourced, index: number): void {
    const last = target.at(-1);
    if (last === undefined) {
      this.root = sourced.value;
      return;
    }
    this.#get(target, 'path', index);
    put(this.#container(target, index), last, sourced);
  }

  #remove(target: readonly string[], index: number): unknown {
    const last = target.at(-1);
    if (last === undefined)
      throw new PatchError(422, 'the whole resource cannot be removed; delete it instead.', index);
    const removed = this.#get(target, 'path', index);
    const container = this.#container(target, index);
    if (Array.isArray(container)) container.splice(arrayIndex(last, index), 1);
    else delete container[last];
    return removed;
  }

  #move(from: readonly string[], target: readonly string[], index: number): void {
    // RFC 6902 § 4.4: the "from" location must not be a proper prefix of the "path" location.
    if (from.length < target.length && from.every((token, at) => token === target[at])) {
      throw new PatchError(422, 'a value cannot be moved into itself.', index);
    }
    const sourced = this.#sourced(from, index);
    if (from.length === target.length && from.every((token, at) => token === target[at])) return;
    this.#remove(from, index);
    this.#add(target, sourced, index);
  }

  #copyOf(from: readonly string[], index: number): Sourced {
    const sourced = this.#sourced(from, index);
    this.#copied += countValues(sourced.value);
    if (this.#copied > MAX_COPIED_VALUES)
      throw new PatchError(422, 'the patch copies too much; send the result.', index);
    return { ...sourced, value: cloneJson(sourced.value) };
  }

  #sourced(from: readonly string[], index: number): Sourced {
    const value = this.#get(from, 'from', index);
    const key = from.at(-1);
    return key === undefined ? { value, holder: {}, key: '' } : { value, holder: this.#container(from, index), key };
  }

  #test(target: readonly string[], expected: unknown, index: number): void {
    if (!equalJson(this.#get(target, 'path', index), expected)) {
      throw new PatchError(422, 'the test failed: the value at "path" is another one.', index);
    }
  }

  #get(tokens: readonly string[], member: 'path' | 'from', index: number): unknown {
    let value = this.root;
    for (const token of tokens) {
      const next = step(value, token, index);
      if (next === NOTHING) throw new PatchError(422, `nothing is at "${member}".`, index);
      value = next;
    }
    return value;
  }

  /** What holds the target: it must exist, the target itself need not. */
  #container(target: readonly string[], index: number): Container {
    const container = this.#get(target.slice(0, -1), 'path', index);
    if (typeof container !== 'object' || container === null) {
      throw new PatchError(422, 'what should hold "path" is neither an object nor a list.', index);
    }
    return container as Container;
  }
}

const NOTHING = Symbol('nothing');

function step(value: unknown, token: string, index: number): unknown {
  if (typeof value !== 'object' || value === null) return NOTHING;
  if (Array.isArray(value)) {
    const at = token === '-' ? value.length : arrayIndex(token, index);
    return at < value.length ? value[at] : NOTHING;
  }
  return Object.hasOwn(value, token) ? (value as Record<string, unknown>)[token] : NOTHING;
}

/** RFC 6901 § 4: digits without leading zeros. */
function arrayIndex(token: string, index: number): number {
  if (!/^(?:0|[1-9]\d{0,8})$/.test(token)) {
    throw new PatchError(422, 'a list is addressed by a number without leading zeros, or "-" for its end.', index);
  }
  return Number(token);
}

function put(container: Container, key: string, { value, holder, key: from }: Sourced): void {
  (container as Record<string, unknown>)[key] = value;
  keepWrittenNumber(holder, from, container, key);
}

function given(operation: object, value: unknown, index: number): Sourced {
  if (!Object.hasOwn(operation, 'value')) throw new PatchError(400, '"value" is missing.', index);
  return { value: cloneJson(value), holder: operation, key: 'value' };
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, member) => sum + countValues(member), 1);
}

/** Equality as RFC 6902 § 4.6 has it: numbers by value, objects without order. */
function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) && equalJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}
