import type { SearchQuery } from '@meridian/fhir';
import type { OpenedVersion } from '../stored-row.ts';
export function isChecked(_query: SearchQuery): boolean { return false; }
export function checked(_query: SearchQuery, found: OpenedVersion[]): OpenedVersion[] { return found; }
