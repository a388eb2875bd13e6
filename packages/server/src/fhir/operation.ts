import type { Permission } from '@meridian/viewing';
import type { Answer, BodyKind, FhirRequest, Method } from './request.ts';
import type { Services } from './services.ts';

/** Where an operation was called: `type` and `id` are empty above their level. */
export interface Target {
  type: string;
  id: string;
}

/** A FHIR operation (FHIR R4, Operations). The CapabilityStatement lists exactly these. */
export interface Operation {
  /** Without the dollar sign. */
  name: string;
  /** Canonical URL of its published definition. */
  definition: string;
  levels: readonly ('system' | 'type' | 'instance')[];
  /** Types that have it; undefined: all. */
  types?: readonly string[];
  methods: readonly Method[];
  permission: Permission;
  /** Whether the token must allow the permission on all types and not only on the one in the path. */
  onAllTypes?: boolean;
  /** For operations of the whole system that are about one type: the type on which the token must allow it. */
  scopeType?: string;
  body?: BodyKind;
  run(target: Target, request: FhirRequest, services: Services): Promise<Answer>;
}
