import type { IssueCode } from '@meridian/fhir';

/** A refusal that the caller can act on. The message is a whole sentence and holds no record text. */
export class StoreError extends Error {
  readonly code: IssueCode;
  /** The HTTP status that says the same (FHIR R4, RESTful API §3.1.0). */
  readonly status: number;

  constructor(code: IssueCode, status: number, message: string) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
    this.status = status;
  }
}
