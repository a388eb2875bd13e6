import type { Resource } from '@meridian/fhir';

/** What somebody wrote and signed; measurements and lists are kept by whoever has the patient in care. */
const NOTES = ['ClinicalImpression', 'Communication', 'Composition', 'DiagnosticReport', 'DocumentReference'];
/** Elements that name the authors of notes. */
const AUTHORS = ['author', 'assessor', 'performer', 'resultsInterpreter', 'sender'];
/** Statuses that say that a note was changed after it was final (FHIR R4: CompositionStatus, DiagnosticReportStatus). */
const AMENDED = ['amended', 'corrected', 'appended'];

export function isNote(type: string): boolean {
  return NOTES.includes(type);
}

/** Whether the change says of itself that it amends, and leaves the authors that stand. */
export function isAmendment(before: Resource, after: Resource | undefined): boolean {
  const status = after?.docStatus ?? after?.status;
  if (typeof status !== 'string' || !AMENDED.includes(status)) return false;
  return AUTHORS.every((name) => {
    const kept = referencesIn(after?.[name]);
    return referencesIn(before[name]).every((author) => kept.includes(author));
  });
}

function referencesIn(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((entry) => {
    const reference = (entry as { reference?: unknown } | null | undefined)?.reference;
    return typeof reference === 'string' ? [reference] : [];
  });
}
