/** Codes of http://hl7.org/fhir/issue-type that Meridian uses (FHIR R4, OperationOutcome.issue.code). */
export type IssueCode =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'security'
  | 'login'
  | 'unknown'
  | 'expired'
  | 'forbidden'
  | 'suppressed'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'multiple-matches'
  | 'not-found'
  | 'deleted'
  | 'too-long'
  | 'code-invalid'
  | 'extension'
  | 'too-costly'
  | 'business-rule'
  | 'conflict'
  | 'transient'
  | 'lock-error'
  | 'no-store'
  | 'exception'
  | 'timeout'
  | 'incomplete'
  | 'throttled'
  | 'informational';

/**
 * One finding about a resource or a request (FHIR R4, OperationOutcome.issue).
 *
 * `diagnostics` is a sentence for the person who gets it; it may name elements, codes of the specification and the
 * caller's own parameter names, and never repeats record text. `expression` holds FHIRPath, such as
 * `Observation.component[1].valueQuantity.code`.
 */
export interface Issue {
  severity: 'fatal' | 'error' | 'warning' | 'information';
  code: IssueCode;
  diagnostics: string;
  expression?: string[];
}

/** Whether any of the issues refuses the resource or the request. */
export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some((issue) => issue.severity === 'error' || issue.severity === 'fatal');
}

/** The issues as a FHIR OperationOutcome resource; an empty list becomes one informational "all fine". */
export function operationOutcome(issues: readonly Issue[]): {
  resourceType: 'OperationOutcome';
  issue: Issue[];
} {
  const issue: Issue[] =
    issues.length > 0
      ? [...issues]
      : [{ severity: 'information', code: 'informational', diagnostics: 'No issues found.' }];
  return { resourceType: 'OperationOutcome', issue };
}
