import { parseJson, type Resource, stringifyJson } from '@meridian/fhir';
import { ConversionError, type ConversionResult, type Converter } from '../evidence/converter.ts';
import { Fidelity } from '../evidence/fidelity.ts';
import { applyRules, fields, list } from './rule.ts';
import { RULES } from './rules.ts';

/** Types that both directions convert; of others nobody here knows the differences. */
export const R4_R5_TYPES: readonly string[] = Object.keys(RULES);

const EXTENSION = 'an extension for the other version';

/** FHIR R4 (4.0.1) to R5 (5.0.0): a resource, or a Bundle of resources, in JSON. */
export const r4ToR5: Converter<Record<string, never>> = converter('fhir-r4-to-r5', '4.0', '5.0', 'up');

/** FHIR R5 (5.0.0) to R4 (4.0.1). */
export const r5ToR4: Converter<Record<string, never>> = converter('fhir-r5-to-r4', '5.0', '4.0', 'down');

function converter(name: string, from: string, to: string, direction: 'up' | 'down'): Converter<Record<string, never>> {
  const type = (version: string): string => `application/fhir+json; fhirVersion=${version}`;
  return {
    name,
    version: '1.0.0',
    from: type(from),
    to: type(to),
    convert(source): ConversionResult {
      const { resource, fidelity } = convertVersion(resourceIn(source), direction);
      const content = Buffer.from(stringifyJson(resource));
      return { resources: resourcesIn(resource), bytes: { content, contentType: type(to) }, fidelity };
    },
  };
}

function resourceIn(source: Uint8Array): Resource {
  let parsed: unknown;
  try {
    parsed = parseJson(Buffer.from(source).toString('utf8'), { depth: 100 });
  } catch {
    throw new ConversionError('The source is not JSON. Send a FHIR resource in JSON.');
  }
  const resource = fields(parsed);
  if (typeof resource?.resourceType !== 'string') throw new ConversionError('The source is no FHIR resource.');
  return resource as Resource;
}

function resourcesIn(resource: Resource): Resource[] {
  if (resource.resourceType !== 'Bundle') return [resource];
  return list(resource.entry).flatMap((entry) => (fields(entry.resource) ? [entry.resource as Resource] : []));
}

/**
 * The same for a parsed resource, which is not changed.
 *
 * @param direction `up` from R4 to R5, `down` from R5 to R4
 * @throws ConversionError for a type that is not in `R4_R5_TYPES`
 */
export function convertVersion(
  resource: Resource,
  direction: 'up' | 'down',
): { resource: Resource; fidelity: ReturnType<Fidelity['report']> } {
  const fidelity = new Fidelity();
  return { resource: convertOne(resource, direction, fidelity), fidelity: fidelity.report() };
}

function convertOne(resource: Resource, direction: 'up' | 'down', fidelity: Fidelity): Resource {
  const type = resource.resourceType;
  if (type === 'Bundle') {
    const entry = list(resource.entry).map((each) =>
      fields(each.resource) ? { ...each, resource: convertOne(each.resource as Resource, direction, fidelity) } : each,
    );
    return { ...resource, ...(Array.isArray(resource.entry) && { entry }) };
  }
  const rules = Object.hasOwn(RULES, type) ? RULES[type] : undefined;
  if (!rules) throw new ConversionError('The resource is of a type that is not converted between FHIR R4 and R5.');
  const gone = new Set<string>();
  const note = (name: string): void => {
    gone.add(name.split('.')[0] ?? name);
  };
  const converted = applyRules(rules, resource, direction, {
    path: type,
    kept: (name) => {
      note(name);
      fidelity.kept(`${type}.${name}`, EXTENSION);
    },
    dropped: (name, reason) => {
      note(name);
      fidelity.dropped(`${type}.${name}`, reason);
    },
  });
  for (const name of Object.keys(resource))
    if (name !== 'resourceType' && !gone.has(name)) fidelity.mapped(`${type}.${name}`);
  return { resourceType: type, ...converted } as Resource;
}
