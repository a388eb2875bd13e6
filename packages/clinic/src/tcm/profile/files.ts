import type { Resource } from '@meridian/fhir';
import { tcmCodeSystems, tcmValueSets } from './code-systems.ts';
import { tcmExamples } from './examples.ts';
import { tcmProfiles } from './registry.ts';

/** The files of `profiles/` by name: definitions, terminology and examples. */
export function profileFiles(): Map<string, Resource> {
  const resources: { resourceType: string; id?: string }[] = [
    ...tcmProfiles(),
    ...tcmCodeSystems(),
    ...tcmValueSets(),
    ...tcmExamples(),
  ];
  return new Map(
    resources.map((resource) => [`${resource.resourceType}-${resource.id}.json`, resource as Resource] as const),
  );
}
