import { isObject, type Json, type Walk } from './walk.ts';

/**
 * R4, References, "Contained Resources", and DomainResource: every contained resource has an id of its own (dom-3), is
 * referred to by the container or refers to it (dom-3), has no version, update time (dom-4) or security label (dom-5).
 * That it contains none itself (dom-2) is seen while walking.
 */
export function checkContained(resource: Json, walk: Walk): void {
  if (!Array.isArray(resource.contained)) return;
  const pointedTo = fragmentsIn(resource);
  const ids = new Set<string>();
  for (const [index, contained] of resource.contained.entries()) {
    if (!isObject(contained)) continue;
    const mark = walk.findings.length;
    checkOne(contained, pointedTo, ids, walk);
    if (walk.findings.length !== mark) walk.within(mark, `.contained[${index}]`);
  }
}

function checkOne(contained: Json, pointedTo: ReadonlySet<string>, ids: Set<string>, walk: Walk): void {
  if (typeof contained.id !== 'string') {
    walk.error('required', 'Give the contained resource an id; nothing can refer to it without one.');
    return;
  }
  if (ids.has(contained.id)) walk.error('duplicate', 'Give every contained resource an id of its own.');
  ids.add(contained.id);
  if (!pointedTo.has(`#${contained.id}`) && !fragmentsIn(contained).has('#')) {
    walk.error('invariant', 'Refer to the contained resource from the resource, or remove it (dom-3).');
  }
  const meta = isObject(contained.meta) ? contained.meta : {};
  if (meta.versionId !== undefined || meta.lastUpdated !== undefined) {
    walk.error('invariant', 'Remove versionId and lastUpdated; a contained resource has no versions (dom-4).');
  }
  if (meta.security !== undefined) {
    walk.error('invariant', 'Put the security label on the containing resource (dom-5).');
  }
}

/**
 * All strings that begin with `#` anywhere below, without the narrative: dom-3 takes references and values of the types
 * canonical, uri and url, and no other value begins that way by accident and matches an id.
 */
function fragmentsIn(resource: Json): Set<string> {
  const found = new Set<string>();
  const open: unknown[] = [resource];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') {
      if (value.charCodeAt(0) === 35 /* # */) found.add(value);
    } else if (Array.isArray(value)) {
      for (const each of value) open.push(each);
    } else if (isObject(value)) {
      for (const key in value) if (key !== 'div') open.push(value[key]);
    }
  }
  return found;
}
