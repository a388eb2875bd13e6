import { isResourceType } from '../definitions.ts';
import type { Resource } from '../resource.ts';
import type { Members, SimpleValue } from './convert/converter.ts';
import { converter } from './convert.ts';
import type { IndexValue } from './index-value.ts';
import { type Arm, type CompositePlan, type IndexPlan, type Step, searchTable } from './table.ts';

export interface ExtractOptions {
  /** Our own base, such as `https://example.org/fhir`: absolute references below it are local. */
  baseUrl?: string;
}

/**
 * All values that search indexes keep of the resource, in no particular order; one value may occur twice.
 * Empty for unknown types. `_id` and `_lastUpdated` are not among them, as every store has those anyway.
 *
 * Compiled on first use of a type: all paths of its plans are merged into one tree, so that a resource is walked once
 * and members that it does not have cost one look each.
 */
export function extract(resource: Resource, options: ExtractOptions = {}): IndexValue[] {
  const tree = treeOf(resource.resourceType);
  if (!tree) return [];
  const scope: Scope = { resource, baseUrl: options.baseUrl, out: [] };
  walk(tree, resource, scope);
  return scope.out;
}

interface Scope {
  resource: Resource;
  baseUrl: string | undefined;
  out: IndexValue[];
}

/** What to do with the elements at one path, and where to go on from them. */
interface Branch {
  readers: Reader[];
  filters: { test: (element: Members) => boolean; branch: Branch }[];
  children: { name: string; firstOnly: boolean; branch: Branch }[];
}

type Reader = (element: unknown, scope: Scope) => void;

/** Compiled trees by resource type; a cache that the number of R4 types bounds. */
const trees = new Map<string, Branch>();

function treeOf(type: string): Branch | undefined {
  const known = trees.get(type);
  if (known) return known;
  if (!isResourceType(type)) return undefined;
  const tree = emptyBranch();
  for (const name of ['Resource', type]) for (const plan of searchTable.types[name]?.index ?? []) plant(tree, plan);
  trees.set(type, tree);
  return tree;
}

function emptyBranch(): Branch {
  return { readers: [], filters: [], children: [] };
}

function plant(tree: Branch, plan: IndexPlan): void {
  if (plan.type === 'composite') {
    for (const composite of plan.composites ?? []) {
      grow(tree, composite.base).readers.push(compositeReader(plan.key, composite));
    }
  } else {
    for (const arm of plan.arms ?? []) plantArm(tree, plan.type, plan.key, arm);
  }
}

function plantArm(tree: Branch, type: Exclude<IndexPlan['type'], 'composite'>, key: string, arm: Arm): void {
  const convert = converter(type, arm.as, { key, system: arm.system });
  const known = arm.path[0]?.startsWith('known ') ? arm.path[0].split(' ').slice(1) : undefined;
  if (known)
    tree.readers.push((element, scope) => convert(isKnown(element, known), scope.out as SimpleValue[], undefined));
  else
    grow(tree, arm.path).readers.push((element, scope) => convert(element, scope.out as SimpleValue[], scope.baseUrl));
}

/** `X.exists() and X != false`, where X is one of the members: those of a choice element. */
function isKnown(element: unknown, names: readonly string[]): boolean {
  return names.some((name) => {
    const value = (element as Members)[name];
    return value !== undefined && value !== null && value !== false;
  });
}

/** The branch at the end of the path; steps are those of `table.ts`. */
function grow(tree: Branch, path: readonly Step[]): Branch {
  let branch = tree;
  for (let at = 0; at < path.length; at++) {
    const step = path[at] as Step;
    const firstOnly = path[at + 1] === '[0]';
    branch = step.startsWith('is ') || step.includes('=') ? filtered(branch, step) : child(branch, step, firstOnly);
    if (firstOnly) at++;
  }
  return branch;
}

function child(parent: Branch, name: string, firstOnly: boolean): Branch {
  const existing = parent.children.find((other) => other.name === name && other.firstOnly === firstOnly);
  if (existing) return existing.branch;
  const branch = emptyBranch();
  parent.children.push({ name, firstOnly, branch });
  return branch;
}

function filtered(parent: Branch, step: Step): Branch {
  const branch = emptyBranch();
  if (step.startsWith('is ')) {
    const type = step.slice(3);
    parent.filters.push({ test: (element) => refersTo(element, type), branch });
  } else {
    const [member, value] = step.split('=') as [string, string];
    parent.filters.push({ test: (element) => element[member] === value, branch });
  }
  return branch;
}

/** `resolve() is T` without resolving: by `Reference.type`, else by what the reference itself says. */
function refersTo(reference: Members, type: string): boolean {
  if (reference.type !== undefined) return reference.type === type;
  if (typeof reference.reference !== 'string') return false;
  return reference.reference.startsWith(`${type}/`) || reference.reference.includes(`/${type}/`);
}

function walk(branch: Branch, element: unknown, scope: Scope): void {
  for (const read of branch.readers) read(element, scope);
  if (typeof element !== 'object' || element === null) return;
  const members = element as Members;
  for (const filter of branch.filters) if (filter.test(members)) walk(filter.branch, element, scope);
  for (const { name, firstOnly, branch: next } of branch.children) {
    const member = members[name];
    if (member === undefined) continue;
    if (!Array.isArray(member)) walk(next, member, scope);
    else if (firstOnly) walk(next, member[0], scope);
    else for (const item of member) walk(next, item, scope);
  }
}

function compositeReader(key: string, plan: CompositePlan): Reader {
  const components = plan.components.map((component) => {
    const tree = emptyBranch();
    if (component.type !== 'composite') {
      for (const arm of component.arms) plantArm(tree, component.type, component.name, arm);
    }
    return { tree, fromResource: component.fromResource === true };
  });
  return (element, scope) => {
    const found: SimpleValue[][] = [];
    // The last component (a value of one type) is missing far more often than the first (the code): ask it first.
    for (let at = components.length - 1; at >= 0; at--) {
      const { tree, fromResource } = components[at] as (typeof components)[number];
      const out: SimpleValue[] = [];
      walk(tree, fromResource ? scope.resource : element, { ...scope, out });
      if (out.length === 0) return;
      found.unshift(out);
    }
    scope.out.push({ kind: 'composite', key, components: found });
  };
}
