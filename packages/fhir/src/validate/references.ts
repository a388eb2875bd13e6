import { isResourceType } from '../definitions.ts';
import { isObject, type Walk } from './walk.ts';

/**
 * The last `Type/id` or `Type/id/_history/version` of a relative or absolute RESTful URL, or the `Type?…` of a conditional
 * reference (R4, References, "Literal References"; R4, RESTful API, "conditional references").
 */
const RESTFUL =
  /^(?:https?:\/\/[^\s?#]+\/)?([A-Z][A-Za-z]+)(?:\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?|\?.+)$/;
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;
const CORE = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * Checks a Reference that has the right form: the type it points to must be one of `targets` (all types when undefined),
 * a `#fragment` must name a contained resource (ref-1), and `Reference.type` must agree.
 */
export function checkReference(value: unknown, targets: ReadonlySet<string> | undefined, walk: Walk): void {
  if (!isObject(value)) return;
  const literal = typeof value.reference === 'string' ? value.reference : undefined;
  const pointed = literal === undefined ? undefined : targetType(literal, walk);
  const mark = walk.findings.length;
  if (pointed !== undefined && targets && !targets.has(pointed)) {
    walk.error('value', `Refer to ${list(targets)}; this refers to ${pointed}.`);
    walk.within(mark, '.reference');
  }
  if (typeof value.type === 'string') checkDeclaredType(value.type, pointed, targets, walk);
}

function checkDeclaredType(
  declared: string,
  pointed: string | undefined,
  targets: ReadonlySet<string> | undefined,
  walk: Walk,
): void {
  const mark = walk.findings.length;
  const type = declared.startsWith(CORE) ? declared.slice(CORE.length) : declared;
  // The binding of Reference.type is extensible: an absolute URL may name the type of a logical model.
  if (!isResourceType(type)) {
    if (!ABSOLUTE.test(type)) walk.error('value', 'Write the name of an R4 resource type, or an absolute URL.');
  } else if (targets && !targets.has(type)) {
    walk.error('value', `Refer to ${list(targets)}; the type says ${type}.`);
  } else if (pointed !== undefined && pointed !== type) {
    walk.error('value', `Make type and reference agree: the reference points to ${pointed}.`);
  }
  if (walk.findings.length !== mark) walk.within(mark, '.type');
}

/** The R4 resource type that a literal reference names; undefined for fragments, URNs and anything that names none. */
export function parseReferenceType(literal: unknown): string | undefined {
  const type = typeof literal === 'string' ? RESTFUL.exec(literal)?.[1] : undefined;
  return type !== undefined && isResourceType(type) ? type : undefined;
}

/** The resource type a literal reference points to, where it tells; reports a literal that cannot be resolved at all. */
function targetType(literal: string, walk: Walk): string | undefined {
  if (literal.charCodeAt(0) === 35 /* # */) return fragmentType(literal.slice(1), walk);
  const type = parseReferenceType(literal);
  if (type !== undefined) return type;
  // An absolute URL need not be RESTful, and its server may know types that R4 does not.
  if (ABSOLUTE.test(literal)) return undefined;
  const mark = walk.findings.length;
  walk.error(
    'value',
    'Write Type/id with an R4 resource type, an absolute URL, urn:uuid:, or # and the id of a contained resource.',
  );
  walk.within(mark, '.reference');
  return undefined;
}

/** R4, References, "Contained Resources": `#` alone points from a contained resource to its container. */
function fragmentType(id: string, walk: Walk): string | undefined {
  if (id === '') return String(walk.container.resourceType);
  const type = walk.containedTypes().get(id);
  if (type !== undefined) return isResourceType(type) ? type : undefined;
  const mark = walk.findings.length;
  walk.error('invariant', 'Add the contained resource with this id, or remove the reference (ref-1).');
  walk.within(mark, '.reference');
  return undefined;
}

function list(types: ReadonlySet<string>): string {
  return types.size > 12 ? 'a resource type allowed here' : [...types].join(', ').replace(/, ([^,]+)$/, ' or $1');
}
