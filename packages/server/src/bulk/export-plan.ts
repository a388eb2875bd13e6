import { compartmentParameters, isResourceType, resourceTypes } from '@meridian/fhir';
import { refusal } from '../http/http-error.ts';

/** What is left of an export. */
export interface ExportPlan {
  /** Types still to be exported; the first is under way. */
  types: string[];
  /** Only the records of these patients; undefined: of all. */
  patients?: string[];
  /** Epoch milliseconds. */
  since?: number;
}

/** Where the first type of the plan is. */
export interface ExportPosition {
  cursor: string;
  /** For each batch read so far: up to which `lastUpdated` it went, and when it had been read. */
  batches: [upTo: number, readAt: number][];
}

export type ExportLevel = 'system' | 'patient' | 'group';

/** Types in a patient's record (Patient and Group level), or all (FHIR Bulk Data Access 2, §Endpoint). */
export function exportTypes(level: ExportLevel, asked: readonly string[]): string[] {
  const possible =
    level === 'system'
      ? resourceTypes()
      : resourceTypes().filter((type) => type === 'Patient' || compartmentParameters('Patient', type).length > 0);
  if (asked.length === 0) return [...possible];
  const bad = asked.filter((type) => !isResourceType(type) || !possible.includes(type));
  if (bad.length > 0) {
    throw refusal(
      400,
      'value',
      'The parameter _type names a type that this export cannot hold; see the CapabilityStatement.',
    );
  }
  return [...new Set(asked)];
}

const FORMATS = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson']);

/** Only NDJSON is defined (Bulk Data Access 2, `_outputFormat`). */
export function requireNdjson(format: string | undefined): void {
  if (format !== undefined && !FORMATS.has(format.replace(' ', '+'))) {
    throw refusal(400, 'value', 'The parameter _outputFormat must be application/fhir+ndjson.');
  }
}
