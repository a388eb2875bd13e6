import type { ElementDefinition } from '../../definitions-resources.ts';
import { deepEqual } from '../invariants/reading.ts';
import { parseReferenceType } from '../references.ts';
import { isObject, type Json, type Walk } from '../walk.ts';
import { addedConstraints, type CompiledConstraint, checkConstraint } from './constraints.ts';
import { hasPattern, type Item, itemsOf } from './items.ts';
import { type SliceOracle, sliceFor, slicingOf } from './slicing.ts';
import { definedValue, type ProfileNode } from './tree.ts';

/** What the check of one profile asks of the registry. */
export interface ProfileOracle extends SliceOracle {
  /** Checks a value against a loaded profile; does nothing when it is not loaded. */
  checkProfile(profile: string, value: unknown, walk: Walk): void;
}

const compiledConstraints = new WeakMap<ElementDefinition, Map<string | undefined, CompiledConstraint[]>>();

/** The constraints of an element; those of a choice are compiled for the type that was chosen. */
function constraintsOf(definition: ElementDefinition, choice: string | undefined): CompiledConstraint[] {
  const { constraint = [], path } = definition;
  if (constraint.length === 0) return [];
  const byChoice = compiledConstraints.get(definition) ?? new Map<string | undefined, CompiledConstraint[]>();
  compiledConstraints.set(definition, byChoice);
  let constraints = byChoice.get(choice);
  if (!constraints) {
    constraints = addedConstraints(choice === undefined ? path : path.replace(/\[x\]$/, choice), constraint);
    byChoice.set(choice, constraints);
  }
  return constraints;
}

/** Checks a value that keeps the base rules against a node of a profile and everything below. */
export function checkNode(node: ProfileNode, item: Item, oracle: ProfileOracle, walk: Walk, isRoot = false): void {
  const { definition } = node;
  if (!isRoot) checkValue(definition, item, oracle, walk);
  for (const constraint of constraintsOf(definition, item.choice)) checkConstraint(constraint, item.value, walk);
  if (!isObject(item.value)) return;
  for (const child of node.children.values()) checkChild(child, item.value, oracle, walk);
}

function checkChild(child: ProfileNode, parent: Json, oracle: ProfileOracle, walk: Walk): void {
  const items = itemsOf(parent, child);
  checkCount(child, items, walk);
  for (const item of items) {
    const mark = walk.findings.length;
    checkNode(child, item, oracle, walk);
    walk.within(mark, item.segment);
  }
  if (child.slices.length > 0 && items.length + child.slices.length > 0) checkSlices(child, items, oracle, walk);
}

function checkCount({ name, definition, isChoice }: ProfileNode, items: readonly Item[], walk: Walk): void {
  const shown = definition.sliceName ? `${name}:${definition.sliceName}` : isChoice ? `${name}[x]` : name;
  const { min = 0, max } = definition;
  if (items.length < min) {
    walk.error('required', `Add ${shown}; the profile asks for ${min === 1 ? 'one' : `at least ${min}`}.`);
  }
  if (max !== undefined && max !== '*' && items.length > Number(max)) {
    walk.error(
      'structure',
      `Remove ${shown} until there ${max === '1' ? 'is' : 'are'} at most ${max}; the profile allows no more.`,
    );
  }
}

function checkSlices(sliced: ProfileNode, items: readonly Item[], oracle: ProfileOracle, walk: Walk): void {
  const members = new Map<ProfileNode, Item[]>();
  let undecided = false;
  for (const item of items) {
    const slice = sliceFor(item, sliced, oracle);
    if (slice === 'undecided') undecided = true;
    else if (slice) members.set(slice, [...(members.get(slice) ?? []), item]);
    else if (slicingOf(sliced).rules === 'closed') {
      const mark = walk.findings.length;
      walk.error('structure', 'Remove this; it is none of the slices to which the profile is closed.');
      walk.within(mark, item.segment);
    }
  }
  // What cannot be told apart is not counted either: it might be in any of the slices.
  if (undecided) return;
  for (const slice of sliced.slices) {
    const own = members.get(slice) ?? [];
    checkCount(slice, own, walk);
    for (const item of own) {
      const mark = walk.findings.length;
      checkNode(slice, item, oracle, walk);
      walk.within(mark, item.segment);
    }
  }
}

function checkValue(definition: ElementDefinition, item: Item, oracle: ProfileOracle, walk: Walk): void {
  const { value } = item;
  const fixed = definedValue(definition, 'fixed');
  if (fixed !== undefined && !deepEqual(value, fixed))
    walk.error('value', 'Write exactly the value that the profile fixes.');
  const pattern = definedValue(definition, 'pattern');
  if (pattern !== undefined && !hasPattern(value, pattern))
    walk.error('value', 'Include everything of the pattern in the profile.');
  checkRange(definition, value, walk);
  checkTypes(definition, item, oracle, walk);
  checkBinding(definition, value, oracle, walk);
}

function checkRange(definition: ElementDefinition, value: unknown, walk: Walk): void {
  const { maxLength } = definition;
  if (maxLength !== undefined && typeof value === 'string' && value.length > maxLength) {
    walk.error('too-long', `Shorten this to at most ${maxLength} characters.`);
  }
  const [least, most] = [definedValue(definition, 'minValue'), definedValue(definition, 'maxValue')];
  if (typeof value === 'number' && typeof least === 'number' && value < least) {
    walk.error('value', `Write a number of at least ${least}.`);
  }
  if (typeof value === 'number' && typeof most === 'number' && value > most) {
    walk.error('value', `Write a number of at most ${most}.`);
  }
}

function checkTypes({ type: types = [] }: ElementDefinition, item: Item, oracle: ProfileOracle, walk: Walk): void {
  if (types.length === 0) return;
  const { choice, value } = item;
  if (choice !== undefined && !types.some(({ code }) => code.toLowerCase() === choice.toLowerCase())) {
    walk.error(
      'structure',
      `Use one of the types ${types.map(({ code }) => code).join(', ')}, which the profile allows.`,
    );
    return;
  }
  const own = types.filter(({ code }) => choice === undefined || code.toLowerCase() === choice.toLowerCase());
  const targets = own.flatMap(({ targetProfile = [] }) => targetProfile);
  if (targets.length > 0 && isObject(value)) checkTarget(value, targets, oracle, walk);
  const profiles = own.flatMap(({ profile = [] }) => profile);
  const [profile] = profiles;
  if (profile === undefined) return;
  if (profiles.length === 1) oracle.checkProfile(profile, value, walk);
  else if (profiles.every((each) => oracle.conformsTo(value, each) === false)) {
    walk.error('structure', `Conform to one of the profiles ${profiles.join(', ')}.`);
  }
}

/** Only the type of a target is checked; whether the record it points to conforms is for who can read it. */
function checkTarget(reference: Json, targets: readonly string[], oracle: ProfileOracle, walk: Walk): void {
  const pointed = parseReferenceType(reference.reference);
  const allowed = targets.map((target) => oracle.typeOf(target));
  if (pointed === undefined || allowed.includes(undefined) || allowed.includes('Resource')) return;
  if (!allowed.includes(pointed)) {
    walk.error('value', `Refer to ${allowed.join(' or ')}, as the profile asks; this refers to ${pointed}.`);
  }
}

function checkBinding({ binding }: ElementDefinition, value: unknown, oracle: ProfileOracle, walk: Walk): void {
  if (binding?.valueSet === undefined || !['required', 'extensible'].includes(binding.strength)) return;
  const isExtensible = binding.strength === 'extensible';
  // An extensible binding lets text stand alone, and another code when none fits: a matter of good practice.
  if (isExtensible && (!walk.bestPractice || (isObject(value) && !value.code && !value.coding))) return;
  if (oracle.isInValueSet(value, binding.valueSet) !== false) return;
  const url = binding.valueSet.split('|')[0];
  if (!isExtensible) walk.error('code-invalid', `Use a code of the value set ${url}, which the profile requires.`);
  else walk.warning('code-invalid', `Use a code of the value set ${url} if one of them fits.`);
}
