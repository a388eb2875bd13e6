/**
 * Constraints whose published R4 (4.0.1) expression contradicts its own words; the corrected expression says what the
 * words say. Nothing else of the specification is changed.
 */
export const corrections: Readonly<Record<string, string>> = {
  // "only used for appointments that have been cancelled, or no-show": the status code is `noshow`, not `no-show`.
  'app-4':
    "Appointment.cancelationReason.exists() implies (Appointment.status='noshow' or Appointment.status='cancelled')",
  // "answer must be boolean": the element is of the FHIR type `boolean`, not of the FHIRPath type `Boolean`.
  'que-7': "operator = 'exists' implies (answer is boolean)",
};
