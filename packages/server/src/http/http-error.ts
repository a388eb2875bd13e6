import type { Issue, IssueCode } from '@meridian/fhir';
import { operationOutcome } from '@meridian/fhir';

/** A refusal with its HTTP status; the message is a sentence for the caller and holds no record text. */
export class HttpError extends Error {
  readonly status: number;
  readonly issues: readonly Issue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, issues: readonly Issue[], headers: Readonly<Record<string, string>> = {}) {
    super(issues[0]?.diagnostics ?? 'The request was refused.');
    this.name = 'HttpError';
    this.status = status;
    this.issues = issues;
    this.headers = headers;
  }
}

/** A refusal with one issue, ready to throw. */
export function refusal(
  status: number,
  code: IssueCode,
  diagnostics: string,
  headers: Readonly<Record<string, string>> = {},
): HttpError {
  return new HttpError(status, [{ severity: 'error', code, diagnostics }], headers);
}

/** The bytes of an OperationOutcome. */
export function outcomeBytes(issues: readonly Issue[]): Buffer {
  return Buffer.from(JSON.stringify(operationOutcome(issues)));
}
