import type { StructureDefinition } from '@meridian/fhir';

export type { StructureDefinition };

/** One element of a differential (FHIR R4, ElementDefinition). */
export type ElementDefinition = NonNullable<StructureDefinition['differential']>['element'][number];
