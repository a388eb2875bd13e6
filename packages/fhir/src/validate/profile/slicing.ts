import type { Slicing } from '../../definitions-resources.ts';
import { deepEqual } from '../invariants/reading.ts';
import { parseReferenceType } from '../references.ts';
import { isObject } from '../walk.ts';
import { hasPattern, type Item, pathSteps, valuesAt } from './items.ts';
import { definedValue, type ProfileNode } from './tree.ts';

/** What slicing asks of the rest of the profile machinery. */
export interface SliceOracle {
  /** Whether a coded value is in a value set; undefined when that cannot be told here. */
  isInValueSet(value: unknown, valueSet: string): boolean | undefined;
  /** Whether a value conforms to a profile; undefined when the profile is not loaded. */
  conformsTo(value: unknown, profile: string): boolean | undefined;
  /** The type that a profile, or a base type by its URL, constrains. */
  typeOf(profile: string): string | undefined;
}

const BY_URL: Slicing = { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' };

/** The slicing of an element; extensions are always sliced by url (R4, Extension). */
export function slicingOf(node: ProfileNode): Slicing {
  if (node.definition.slicing) return node.definition.slicing;
  return node.name === 'extension' || node.name === 'modifierExtension' ? BY_URL : { rules: 'open' };
}

/** The slice an item belongs to; `undecided` when a discriminator is of a kind that cannot be evaluated here. */
export function sliceFor(item: Item, node: ProfileNode, oracle: SliceOracle): ProfileNode | 'undecided' | undefined {
  const { discriminator = [] } = slicingOf(node);
  let undecided = discriminator.length === 0;
  for (const slice of node.slices) {
    const verdicts = discriminator.map((each) => isDiscriminated(item, slice, each, oracle));
    if (verdicts.includes(false)) continue;
    if (verdicts.length > 0 && verdicts.every((verdict) => verdict === true)) return slice;
    undecided = true;
  }
  return undecided ? 'undecided' : undefined;
}

type Discriminator = NonNullable<Slicing['discriminator']>[number];

function isDiscriminated(item: Item, slice: ProfileNode, { type, path }: Discriminator, oracle: SliceOracle) {
  const steps = pathSteps(path);
  if (!steps) return undefined;
  if (type === 'type' || type === 'profile') return isOfType(item, slice, steps, type, oracle);
  if (steps.includes('resolve()')) return undefined;
  const values = valuesAt(item.value, steps);
  const nodes = nodesBelow(slice, steps);
  if (type === 'exists') {
    if (!nodes[0]) return undefined;
    return nodes[0].definition.max === '0' ? values.length === 0 : values.length > 0;
  }
  const telling = nodes.filter(isTelling);
  if (telling.length === 0) return isExtensionOf(slice, steps, values);
  const verdicts = values.flatMap((value) => telling.map((node) => agrees(value, node, oracle)));
  if (verdicts.includes(true)) return true;
  return verdicts.includes(undefined) ? undefined : false;
}

/** The slice's own definitions of what stands at the path: the element, and the slices of what leads to it. */
function nodesBelow(slice: ProfileNode, steps: readonly string[]): ProfileNode[] {
  let nodes: ProfileNode[] = [slice];
  for (const step of steps) {
    if (step.startsWith('ofType(')) continue;
    nodes = nodes.flatMap((node) => {
      const child = node.children.get(step) ?? node.children.get(`${step}[x]`);
      return child ? [child, ...child.slices] : [];
    });
  }
  return nodes;
}

/** A slice of extensions names the profile of the extension, whose URL is the url. */
function isExtensionOf(slice: ProfileNode, steps: readonly string[], values: readonly unknown[]): boolean | undefined {
  const profile = slice.definition.type?.[0]?.profile?.[0];
  if (profile === undefined || steps.length !== 1 || steps[0] !== 'url') return undefined;
  return values.includes(profile.split('|')[0]);
}

function isTelling(node: ProfileNode): boolean {
  return (
    definedValue(node.definition, 'fixed') !== undefined ||
    definedValue(node.definition, 'pattern') !== undefined ||
    node.definition.binding?.strength === 'required' ||
    [...node.children.values()].some(isTelling) ||
    node.slices.some(isTelling)
  );
}

/** Whether a value has what the node fixes, at the node itself and below it. */
function agrees(value: unknown, node: ProfileNode, oracle: SliceOracle): boolean | undefined {
  const fixed = definedValue(node.definition, 'fixed');
  if (fixed !== undefined) return deepEqual(value, fixed);
  const pattern = definedValue(node.definition, 'pattern');
  if (pattern !== undefined) return hasPattern(value, pattern);
  let verdict: boolean | undefined = true;
  for (const child of [...node.children.values()].filter(isTelling)) {
    const verdicts = valuesAt(value, [child.name]).map((each) => agrees(each, child, oracle));
    if (verdicts.includes(true)) continue;
    if (!verdicts.includes(undefined)) return false;
    verdict = undefined;
  }
  const slices = node.slices.filter(isTelling);
  if (slices.length > 0 && !slices.some((slice) => agrees(value, slice, oracle))) return false;
  const { binding } = node.definition;
  if (binding?.strength !== 'required' || binding.valueSet === undefined) return verdict;
  return oracle.isInValueSet(value, binding.valueSet) ?? undefined;
}

function isOfType(
  item: Item,
  slice: ProfileNode,
  steps: readonly string[],
  kind: 'type' | 'profile',
  oracle: SliceOracle,
): boolean | undefined {
  const resolves = steps.at(-1) === 'resolve()';
  const plain = resolves ? steps.slice(0, -1) : steps;
  const types = nodesBelow(slice, plain)[0]?.definition.type ?? [];
  if (types.length === 0) return undefined;
  const profiles = types.flatMap((type) => (resolves ? type.targetProfile : type.profile) ?? []);
  const values = valuesAt(item.value, plain);
  if (resolves) {
    const wanted = profiles.map((profile) => oracle.typeOf(profile));
    const pointed = values.map((value) => (isObject(value) ? parseReferenceType(value.reference) : undefined));
    if (pointed.includes(undefined) || wanted.includes(undefined)) return undefined;
    return pointed.some((type) => wanted.includes(type));
  }
  if (kind === 'profile') {
    const verdicts = values.flatMap((value) => profiles.map((profile) => oracle.conformsTo(value, profile)));
    return verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false;
  }
  const names = types.map(({ code }) => code.toLowerCase());
  if (plain.length === 0 && item.choice !== undefined) return names.includes(item.choice.toLowerCase());
  return values.some((value) => isObject(value) && names.includes(String(value.resourceType).toLowerCase()));
}
