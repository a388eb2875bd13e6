import {
  definitions,
  type ElementRow,
  isPrimitive,
  isResourceType,
  type JsonElement,
  jsonElements,
  resolveStructure,
  typeCode,
} from '../definitions.ts';
import { checkNarrativeDiv } from '../narrative.ts';
import { type BindingCheck, bindingCheck } from './bindings.ts';
import { checkContained } from './contained.ts';
import { type Invariant, invariantsOf } from './invariants/invariants.ts';
import { type PrimitiveCheck, primitiveChecks } from './primitives.ts';
import { type Check, complexProperty, type PropertyCheck, primitiveProperty, siblingProperty } from './properties.ts';
import { checkReference } from './references.ts';
import { isObject, type Json, MAX_DEPTH, type Walk } from './walk.ts';

/** What may stand under one JSON property. */
interface Property {
  check: PropertyCheck;
  /** The bit of the element in the `seen` mask of its structure: set for mandatory ones, choices and a few more. */
  bit: number;
  /** All names of the choice this property belongs to. */
  choice?: readonly string[];
}

/** The compiled form of a type or of a nested structure. */
interface Compiled {
  name: string;
  properties: Map<string, Property>;
  mandatory: number;
  mandatoryNames: [bit: number, name: string][];
  invariants: readonly Invariant[];
  /** For Extension only: the bits of `extension` and of the value (ext-1). */
  extensionBits?: [nested: number, value: number];
  isResource: boolean;
}

const compiled = new Map<string, Compiled>();

/** The compiled structure; built on first use and kept, since the tables never change. */
export function structureOf(name: string): Compiled {
  let structure = compiled.get(name);
  if (!structure) {
    structure = {
      name,
      properties: new Map(),
      mandatory: 0,
      mandatoryNames: [],
      invariants: [],
      isResource: definitions().structures[name]?.kind === 'resource',
    };
    // Put down before it is filled: types refer to each other in circles.
    compiled.set(name, structure);
    fill(structure);
  }
  return structure;
}

function fill(structure: Compiled): void {
  const resolved = resolveStructure(structure.name);
  if (!resolved) throw new Error(`No definition of ${structure.name}.`);
  structure.invariants = invariantsOf(resolved.constraints);
  if (structure.isResource) {
    structure.properties.set('resourceType', { bit: 0, check: () => {} });
  }
  let nextBit = 1;
  for (const row of resolved.elements) {
    if (row.max === 0) continue;
    const needsBit = (row.min ?? 0) > 0 || row.choice === true || structure.name === 'Extension';
    const bit = needsBit ? nextBit : 0;
    if (needsBit) nextBit *= 2;
    if (nextBit > 2 ** 30) throw new Error(`${structure.name} has too many mandatory elements for one mask.`);
    if ((row.min ?? 0) > 0) {
      structure.mandatory |= bit;
      structure.mandatoryNames.push([bit, row.choice ? `${row.name}[x]` : row.name]);
    }
    addProperties(structure, row, bit);
  }
  if (structure.name === 'Extension') {
    const bitOf = (property: string) => structure.properties.get(property)?.bit ?? 0;
    structure.extensionBits = [bitOf('extension'), bitOf('valueString')];
  }
}

function addProperties(structure: Compiled, row: ElementRow, bit: number): void {
  const elements = jsonElements(row);
  const choice = row.choice ? { choice: elements.map(({ property }) => property) } : {};
  for (const element of elements) {
    const { property } = element;
    const primitive = isPrimitive(typeCode(element.type));
    const item = itemCheck(structure, element);
    const many = row.max === '*' || Number(row.max) > 1;
    const check = primitive ? primitiveProperty(item, property, many) : complexProperty(item, many);
    structure.properties.set(property, { bit, ...choice, check });
    if (primitive && !isAttribute(structure, element)) {
      structure.properties.set(`_${property}`, {
        bit,
        ...choice,
        check: siblingProperty(checkSibling, property, many),
      });
    }
  }
}

/** What R4 writes as an XML attribute, or as XHTML, has no id and no extensions of its own, so no `_name`. */
function isAttribute(structure: Compiled, { type, property }: JsonElement): boolean {
  const code = typeCode(type);
  return code === 'xhtml' || property === 'id' || (structure.name === 'Extension' && property === 'url');
}

/** The check of one value of the element: its type, then what the element adds (targets, binding, invariants). */
function itemCheck(structure: Compiled, element: JsonElement): Check {
  const type = typeCode(element.type);
  const form = formCheck(structure, element, type);
  const extra = extraChecks(element, type);
  if (extra.length === 0) return form;
  return (value, walk) => {
    const errors = walk.errors;
    form(value, walk);
    if (walk.errors !== errors) return;
    for (const check of extra) check(value, walk);
  };
}

function formCheck(structure: Compiled, { row, type }: JsonElement, code: string): Check {
  if (code === 'Resource') return row.name === 'contained' ? checkContainedResource : checkNestedResource;
  if (structure.name === 'Narrative' && row.name === 'div') return checkNarrativeDiv;
  const primitive = primitiveChecks.get(code);
  if (primitive) return primitiveItem(primitive);
  const profile = typeof type === 'object' ? type.profile : undefined;
  const name = profile ?? code;
  if (row.name === 'modifierExtension') return checkModifierExtension;
  return (value, walk) => checkStructure(structureOf(name), value, walk);
}

function primitiveItem(check: PrimitiveCheck): Check {
  return (value, walk) => {
    const sentence = check(value);
    if (sentence !== undefined) walk.error('value', sentence);
  };
}

function extraChecks({ row, type }: JsonElement, code: string): Check[] {
  const checks: Check[] = [];
  if (code === 'Reference') {
    const targets = typeof type === 'object' && type.targets ? new Set(type.targets) : undefined;
    checks.push((value, walk) => checkReference(value, targets, walk));
  }
  const binding: BindingCheck | undefined = row.binding === undefined ? undefined : bindingCheck(row.binding, code);
  if (binding) checks.push(binding);
  for (const invariant of invariantsOf(row.constraints ?? [])) {
    checks.push((value, walk) => invariant.check(value, walk));
  }
  return checks;
}

function checkSibling(value: unknown, hasValue: boolean, walk: Walk): void {
  const errors = walk.errors;
  checkStructure(structureOf('Element'), value, walk, hasValue);
  if (walk.errors === errors && isObject(value) && value.id === undefined && value.extension === undefined) {
    walk.error('structure', 'Leave out what has neither id nor extension.');
  }
}

function checkModifierExtension(value: unknown, walk: Walk): void {
  checkStructure(structureOf('Extension'), value, walk);
  walk.warning(
    'extension',
    'This modifier extension is not known here; it may change the meaning of what it stands in.',
  );
}

function checkContainedResource(value: unknown, walk: Walk): void {
  if (walk.resource !== walk.container) {
    walk.error('invariant', 'Move this resource to the outermost one; contained resources contain none (dom-2).');
    return;
  }
  checkResource(value, walk, true);
}

function checkNestedResource(value: unknown, walk: Walk): void {
  checkResource(value, walk, false);
}

/** Checks a whole resource; `contained` when it stands in `contained` of another. */
export function checkResource(value: unknown, walk: Walk, contained: boolean): void {
  if (!isObject(value)) {
    walk.error('structure', 'Write a resource: a JSON object with a resourceType.');
    return;
  }
  const type = value.resourceType;
  if (typeof type !== 'string' || !isResourceType(type)) {
    const mark = walk.findings.length;
    walk.error('structure', 'Write the name of an R4 resource type.');
    walk.within(mark, '.resourceType');
    return;
  }
  const outer = walk.enter(value, contained);
  const errors = walk.errors;
  checkStructure(structureOf(type), value, walk);
  if (!contained && value.contained !== undefined) checkContained(value, walk);
  if (walk.profiles && walk.errors === errors && value.meta !== undefined) walk.profiles.check(value, walk);
  walk.leave(outer);
}

/**
 * Checks an object against a structure. Invariants are looked at only where the form is right, so that they may rely on
 * it. `hasValue` is for `_name` beside a value, where an id alone is enough (ele-1).
 */
function checkStructure(structure: Compiled, value: unknown, walk: Walk, hasValue = false): void {
  if (!isObject(value)) {
    walk.error(
      'structure',
      Array.isArray(value) ? 'Write a single value here, not an array.' : 'Write a JSON object here.',
    );
    return;
  }
  if (walk.depth >= MAX_DEPTH) {
    walk.error('too-costly', `Flatten this; at most ${MAX_DEPTH} levels of elements are accepted.`);
    return;
  }
  walk.depth++;
  const errors = walk.errors;
  let seen = 0;
  let clashing = 0;
  let content = hasValue;
  for (const key in value) {
    const member = value[key];
    // JSON has no undefined; a program that hands over an object leaves elements out that way.
    if (member === undefined) continue;
    const property = structure.properties.get(key);
    if (property === undefined) {
      // An unknown name may be record text: it is not repeated.
      walk.error('structure', `Remove the property that ${structure.name} does not have.`);
      continue;
    }
    if (key !== 'id') content = true;
    if (property.bit !== 0) {
      if (
        property.choice &&
        (seen & ~clashing & property.bit) !== 0 &&
        reportSecondChoice(property.choice, value, walk)
      ) {
        clashing |= property.bit;
      }
      seen |= property.bit;
    }
    const mark = walk.findings.length;
    property.check(member, value, walk);
    if (walk.findings.length !== mark) walk.within(mark, `.${key}`);
  }
  if ((seen & structure.mandatory) !== structure.mandatory) reportMissing(structure, seen, walk);
  if (!content) walk.error('invariant', 'Leave out an element that has no content (ele-1).');
  if (structure.extensionBits) checkExtension(structure.extensionBits, seen, walk);
  if (walk.errors === errors) for (const invariant of structure.invariants) invariant.check(value, walk);
  walk.depth--;
}

/** R4, Formats, "choice of data types": one type only; `valueString` and `_valueString` are one. */
function reportSecondChoice(names: readonly string[], owner: Json, walk: Walk): boolean {
  const present = names.filter((name) => owner[name] !== undefined || owner[`_${name}`] !== undefined);
  if (present.length > 1) walk.error('structure', `Keep only one of ${present.join(' and ')}.`);
  return present.length > 1;
}

function reportMissing(structure: Compiled, seen: number, walk: Walk): void {
  for (const [bit, name] of structure.mandatoryNames) {
    if ((seen & bit) === 0) walk.error('required', `Add ${name}, which ${structure.name} must have.`);
  }
}

function checkExtension([nested, value]: [number, number], seen: number, walk: Walk): void {
  if (((seen & nested) !== 0) === ((seen & value) !== 0)) {
    walk.error('invariant', 'Give the extension either a value or extensions of its own (ext-1).');
  }
}
