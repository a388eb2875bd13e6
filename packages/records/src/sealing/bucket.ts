/**
 * Retention classes: what is kept, and one day purged, together. The numbers are part of the storage format. Which
 * schedule applies to a class is the business of retention; here records are only sorted so that a schedule can be
 * carried out by destroying keys.
 */
export const RETENTION_CLASS = {
  /** What belongs to no patient: organisations, practitioners, definitions. */
  shared: 0,
  /** Notes, results, diagnoses, prescriptions: the clinical record. */
  clinical: 1,
  imaging: 2,
  /** Who the patient is, and who stands for them. */
  identity: 3,
  /** Appointments, claims, accounts, tasks. */
  administrative: 4,
  consent: 5,
  /** Events: who did and saw what. */
  audit: 6,
} as const;

const CLASS_OF_TYPE: ReadonlyMap<string, number> = new Map([
  ...['ImagingStudy', 'Media'].map((type) => [type, RETENTION_CLASS.imaging] as const),
  ...['Patient', 'RelatedPerson', 'Person'].map((type) => [type, RETENTION_CLASS.identity] as const),
  ...[
    ...['Account', 'Appointment', 'AppointmentResponse', 'ChargeItem', 'Claim', 'ClaimResponse', 'Coverage'],
    ...['CoverageEligibilityRequest', 'CoverageEligibilityResponse', 'EnrollmentRequest', 'EnrollmentResponse'],
    ...['ExplanationOfBenefit', 'Invoice', 'PaymentNotice', 'PaymentReconciliation', 'Schedule', 'Slot', 'Task'],
  ].map((type) => [type, RETENTION_CLASS.administrative] as const),
  ['Consent', RETENTION_CLASS.consent],
  ['AuditEvent', RETENTION_CLASS.audit],
]);

/** The bucket of a record: retention class × 10,000 + the calendar year (UTC) in which this version was written. */
export function bucketOf(type: string, ofPatient: boolean, updated: number): number {
  const retentionClass = ofPatient ? (CLASS_OF_TYPE.get(type) ?? RETENTION_CLASS.clinical) : RETENTION_CLASS.shared;
  return retentionClass * 10_000 + yearOf(updated);
}

/** The bucket of an event. */
export function eventBucket(at: number): number {
  return RETENTION_CLASS.audit * 10_000 + yearOf(at);
}

let cachedYear = { from: 0, to: 0, year: 1970 };

function yearOf(time: number): number {
  if (time < cachedYear.from || time >= cachedYear.to) {
    const year = new Date(time).getUTCFullYear();
    cachedYear = { from: Date.UTC(year, 0), to: Date.UTC(year + 1, 0), year };
  }
  return cachedYear.year;
}
