import { mandatoryElements, type Resource, stringifyJson, summaryElements } from '@meridian/fhir';
import type { StoredVersion } from '@meridian/records';
import { refusal } from '../http/http-error.ts';
import { list, type Parameters } from '../http/query-string.ts';
import { parseStored } from './outgoing.ts';

/** Which elements of a resource an answer keeps (FHIR R4, Search §3.1.1.5.9 `_summary`, §3.1.1.5.10 `_elements`). */
export type Projection = { summary: 'true' | 'text' | 'data' } | { elements: readonly string[] };

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/** The projection that parameters ask for; undefined: all of it. `count` is for searches and decided there. */
export function projectionOf(summary: string | undefined, parameters: Parameters): Projection | undefined {
  const elements = list(parameters, '_elements');
  if (summary === undefined || summary === 'false' || summary === 'count')
    return elements.length > 0 ? { elements } : undefined;
  if (elements.length > 0)
    throw refusal(400, 'invalid', 'The parameters _summary and _elements cannot be used together; choose one.');
  if (summary === 'true' || summary === 'text' || summary === 'data') return { summary };
  throw refusal(400, 'value', 'The parameter _summary must be true, text, data, count or false.');
}

/** The projected bytes of a stored version. */
export function projectVersion(stored: StoredVersion, projection: Projection): Buffer {
  return Buffer.from(stringifyJson(project(parseStored(stored), projection)));
}

/** A copy with the elements kept, tagged SUBSETTED so that nobody writes the rest away by it. */
export function project(resource: Resource, projection: Projection): Resource {
  const keep = keptElements(resource.resourceType, projection);
  const kept: Resource = { resourceType: resource.resourceType };
  for (const [name, value] of Object.entries(resource)) {
    const element = name.startsWith('_') ? name.slice(1) : name;
    if (keep(element)) kept[name] = value;
  }
  const tag = resource.meta?.tag?.filter((coding) => coding.code !== SUBSETTED.code) ?? [];
  kept.meta = { ...resource.meta, tag: [...tag, SUBSETTED] };
  return kept;
}

function keptElements(type: string, projection: Projection): (element: string) => boolean {
  if ('summary' in projection && projection.summary === 'data') return (element) => element !== 'text';
  const wanted = new Set<string>(['resourceType', 'id', 'meta']);
  if (!('summary' in projection)) {
    for (const name of projection.elements) wanted.add(elementOf(name, type));
  } else if (projection.summary === 'text') wanted.add('text');
  else for (const name of summaryElements(type)) wanted.add(name);
  if (!('summary' in projection) || projection.summary === 'text') {
    for (const name of mandatoryElements(type)) wanted.add(name);
  }
  return (element) => wanted.has(element) || wanted.has(choiceOf(element));
}

/** `Patient.name` and `name` both name the element; the part after a further dot does not narrow it. */
function elementOf(name: string, type: string): string {
  const path = name.startsWith(`${type}.`) ? name.slice(type.length + 1) : name;
  return path.split('.', 1)[0] ?? path;
}

/** `valueQuantity` → `value[x]`, `value`: a choice is asked for by its name without a type. */
function choiceOf(element: string): string {
  const stem = /^[a-z]+?(?=[A-Z])/.exec(element)?.[0];
  return stem === undefined ? element : `${stem}[x]`;
}
