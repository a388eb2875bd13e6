import type { FhirResource } from 'fhir/r4';

/** A note that was written more than this after what it tells of is a late entry. */
const LATE_MS = 24 * 3600_000;

/**
 * Whether somebody wrote this down later than a day after it happened (AHIMA, Amendments in the EHR: a late entry is
 * marked as one). Only for what people write from memory: results are measured, and reported when they are ready.
 */
export function isLate(resource: FhirResource): boolean {
  if (resource.resourceType === 'Composition') {
    return isLong(resource.event?.[0]?.period?.start, resource.date);
  }
  if (resource.resourceType === 'Procedure') {
    return isLong(
      resource.performedDateTime ?? resource.performedPeriod?.start,
      resource.extension?.find(({ url }) => url === RECORDED)?.valueDateTime,
    );
  }
  return false;
}

/** FHIR's own extension for when something was recorded. */
export const RECORDED = 'http://hl7.org/fhir/StructureDefinition/event-recorded';

function isLong(happened: string | undefined, writtenAt: string | undefined): boolean {
  return Date.parse(writtenAt ?? '') - Date.parse(happened ?? '') > LATE_MS;
}
