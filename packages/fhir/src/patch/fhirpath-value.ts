import { type ElementRow, jsonElements, typeCode } from '../definitions.ts';
import { cloneJson, keepWrittenNumber } from '../json.ts';
import { elementRow } from './fhirpath-location.ts';
import { type Part, parts } from './fhirpath-operations.ts';
import { PatchError } from './patch-error.ts';

/** A value for an element, with the property that it goes to. */
export interface ElementValue {
  property: string;
  value: unknown;
  /** Where the value stood, for the written form of decimals (see `json.ts`). */
  source: object;
  key: string;
}

const DEEPEST = 32;

/**
 * The value that a part carries for an element: its `value[x]`, or an element built of its nested parts (which is how
 * FHIRPath Patch writes backbone elements, for which there is no `value[x]`).
 */
export function elementValue(row: ElementRow, part: Part | undefined, operation: number, depth = 0): ElementValue {
  if (!part) throw new PatchError(400, '"value" is missing.', operation);
  if (depth > DEEPEST) throw new PatchError(400, `"value" is nested deeper than ${DEEPEST} parts.`, operation);
  const keys = Object.keys(part).filter((key) => key.startsWith('value'));
  const [key] = keys;
  if (keys.length > 1) throw new PatchError(400, 'a part has one value[x] at most.', operation);
  if (key !== undefined) {
    const property = row.choice ? choiceOf(row, key.slice('value'.length), operation) : row.name;
    return { property, value: cloneJson(part[key]), source: part, key };
  }
  if (row.choice) throw new PatchError(400, `${row.name}[x] needs a value[x] that tells its type.`, operation);
  const structure = typeCode(row.types?.[0] ?? '');
  return { property: row.name, value: build(structure, parts(part.part), operation, depth), source: part, key: '' };
}

function choiceOf(row: ElementRow, suffix: string, operation: number): string {
  const property = row.name + suffix;
  const allowed = jsonElements(row).map((element) => element.property);
  if (!allowed.includes(property)) {
    throw new PatchError(422, `${row.name}[x] cannot be of that type; it is one of ${allowed.join(', ')}.`, operation);
  }
  return property;
}

function build(structure: string, members: readonly Part[], operation: number, depth: number): Record<string, unknown> {
  if (members.length === 0) throw new PatchError(400, '"value" needs a value[x] or parts.', operation);
  const built: Record<string, unknown> = {};
  for (const member of members) {
    const row = typeof member.name === 'string' ? elementRow(structure, member.name.replace(/\[x\]$/, '')) : undefined;
    if (!row) throw new PatchError(422, `"value" has a part that is no element of ${structure}.`, operation);
    const { property, value, source, key } = elementValue(row, member, operation, depth + 1);
    if (row.max !== undefined && row.max !== 1) {
      const items = (built[property] as unknown[] | undefined) ?? [];
      items.push(value);
      built[property] = items;
    } else if (Object.hasOwn(built, property)) {
      throw new PatchError(422, `"value" gives ${row.name} twice, and it does not repeat.`, operation);
    } else {
      built[property] = value;
      keepWrittenNumber(source, key, built, property);
    }
  }
  return built;
}
