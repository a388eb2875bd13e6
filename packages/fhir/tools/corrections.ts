/** A segment of an element path, within a FHIRPath string. */
const SEGMENT = '[^\\\\s.,:;\\\'"/|?!@#$%&*()\\\\[\\\\]{}]{1,64}';

/**
 * Constraints whose published R4 (4.0.1) expression contradicts its own words or cannot be evaluated; the corrected
 * expression says what the words say. Nothing else of the specification is changed.
 */
export const corrections: Readonly<Record<string, string>> = {
  // "only used for appointments that have been cancelled, or no-show": the status code is `noshow`, not `no-show`.
  'app-4':
    "Appointment.cancelationReason.exists() implies (Appointment.status='noshow' or Appointment.status='cancelled')",
  // `as(…)` is defined for a single item and fails on the many that `descendants()` yields; `ofType(…)` is meant.
  'dom-3':
    "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().ofType(canonical) | %resource.descendants().ofType(uri) | %resource.descendants().ofType(url))) or descendants().where(reference = '#').exists() or descendants().where(ofType(canonical) = '#').exists()).not()).empty()",
  // "answer must be boolean": the element is of the FHIR type `boolean`, not of the FHIRPath type `Boolean`.
  'que-7': "operator = 'exists' implies (answer is boolean)",
  // "must have a … as the first resource": without any entry the published expressions have no answer.
  'bdl-11': "type = 'document' implies entry.first().resource.ofType(Composition).exists()",
  'bdl-12': "type = 'message' implies entry.first().resource.ofType(MessageHeader).exists()",
  // "only … for repeating items": where `repeats` is left out, which means false, the published expression has no answer.
  'que-13': 'repeats.where($this).exists() or initial.count() <= 1',
  // The same pattern without escapes of characters that need none, which strict regular expressions refuse.
  'eld-19': `path.matches('${SEGMENT}(\\\\.${SEGMENT}(\\\\[x\\\\])?(:[^\\\\s.]+)?)*')`,
};
