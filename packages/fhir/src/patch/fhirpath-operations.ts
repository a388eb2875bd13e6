import { MAX_OPERATIONS, PatchError } from './patch-error.ts';

/** One operation of a FHIRPath Patch (FHIR R4, FHIRPath Patch). */
export interface PatchOperation {
  type: 'add' | 'insert' | 'delete' | 'replace' | 'move';
  path: string;
  /** For add: the element to add, choices without `[x]`. */
  name?: string;
  /** The part that carries the value. */
  value?: Part;
  index?: number;
  source?: number;
  destination?: number;
}

/** A parameter or part of Parameters, as sent. */
export type Part = Readonly<Record<string, unknown>>;

const TYPES = ['add', 'insert', 'delete', 'replace', 'move'] as const;

/** Reads the operations of a Parameters resource; throws a `PatchError` (400) for what is none. */
export function readOperations(parameters: unknown): PatchOperation[] {
  const resource = object(parameters);
  if (resource?.resourceType !== 'Parameters') {
    throw new PatchError(400, 'A FHIRPath Patch is a Parameters resource with "operation" parameters.');
  }
  const list = parts(resource.parameter);
  if (list.length > MAX_OPERATIONS) throw new PatchError(400, `A patch has at most ${MAX_OPERATIONS} operations.`);
  return list.map(readOperation);
}

function readOperation(parameter: Part, index: number): PatchOperation {
  if (parameter.name !== 'operation') throw new PatchError(400, 'a parameter must be named "operation".', index);
  const byName = new Map(parts(parameter.part).map((part) => [part.name, part]));
  const type = TYPES.find((one) => one === byName.get('type')?.valueCode);
  if (!type) throw new PatchError(400, '"type" must be a valueCode: add, insert, delete, replace or move.', index);
  const path = byName.get('path')?.valueString;
  if (typeof path !== 'string' || path === '') throw new PatchError(400, '"path" must be a valueString.', index);
  const operation: PatchOperation = { type, path };
  const name = byName.get('name')?.valueString;
  if (typeof name === 'string') operation.name = name;
  const value = byName.get('value');
  if (value) operation.value = value;
  for (const member of ['index', 'source', 'destination'] as const) {
    const number = byName.get(member)?.valueInteger;
    if (number === undefined) continue;
    if (!Number.isInteger(number) || (number as number) < 0) {
      throw new PatchError(400, `"${member}" must be a valueInteger from 0.`, index);
    }
    operation[member] = number as number;
  }
  return operation;
}

/** The items that are objects; what else stands in the list is not a part. */
export function parts(value: unknown): Part[] {
  if (!Array.isArray(value)) return [];
  return value.map(object).filter((part) => part !== undefined);
}

function object(value: unknown): Part | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Part) : undefined;
}
