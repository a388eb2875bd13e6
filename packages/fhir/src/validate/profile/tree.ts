import type { ElementDefinition, StructureDefinition } from '../../definitions-resources.ts';

/** One element of a profile with what stands below it. */
export interface ProfileNode {
  /** Element name without `[x]`; for the root, the type. */
  name: string;
  isChoice: boolean;
  definition: ElementDefinition;
  children: Map<string, ProfileNode>;
  slices: ProfileNode[];
}

/**
 * The elements of a profile as a tree. Element ids tell slices apart (R4, ElementDefinition.id:
 * `Observation.component:systolic.code`); where they are missing, path and sliceName do for slices of one level.
 */
export function profileTree(profile: StructureDefinition): ProfileNode {
  // The base rules are checked on their own, so the differential alone says what the profile adds.
  const elements = profile.snapshot?.element ?? profile.differential?.element ?? [];
  const root: ProfileNode = newNode(profile.type);
  for (const element of elements) {
    const node = nodeAt(root, idOf(element));
    node.definition = element;
  }
  return root;
}

function idOf(element: ElementDefinition): string[] {
  const id = element.id ?? (element.sliceName ? `${element.path}:${element.sliceName}` : element.path);
  return id.split('.').slice(1);
}

function newNode(segment: string): ProfileNode {
  const isChoice = segment.endsWith('[x]');
  return {
    name: isChoice ? segment.slice(0, -3) : segment,
    isChoice,
    definition: { path: segment },
    children: new Map(),
    slices: [],
  };
}

function nodeAt(root: ProfileNode, segments: string[]): ProfileNode {
  let node = root;
  for (const segment of segments) {
    const colon = segment.indexOf(':');
    const name = colon < 0 ? segment : segment.slice(0, colon);
    let child = node.children.get(name);
    if (!child) {
      child = newNode(name);
      node.children.set(name, child);
    }
    node = colon < 0 ? child : sliceOf(child, segment.slice(colon + 1));
  }
  return node;
}

function sliceOf(sliced: ProfileNode, sliceName: string): ProfileNode {
  let slice = sliced.slices.find(({ definition }) => definition.sliceName === sliceName);
  if (!slice) {
    slice = newNode(sliced.isChoice ? `${sliced.name}[x]` : sliced.name);
    slice.definition = { path: sliced.definition.path, sliceName };
    sliced.slices.push(slice);
  }
  return slice;
}

/** The value of `prefix[x]` of a definition, such as `patternCodeableConcept`; undefined when there is none. */
export function definedValue(
  definition: ElementDefinition,
  prefix: 'fixed' | 'pattern' | 'minValue' | 'maxValue',
): unknown {
  for (const key in definition) {
    const next = key.charCodeAt(prefix.length);
    if (key.startsWith(prefix) && next >= 65 && next <= 90) return definition[key];
  }
  return undefined;
}
