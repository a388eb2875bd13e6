/**
 * Why a patch was not applied. `status` is 400 where the patch document itself is wrong, and 422 where it is well
 * formed and does not fit the resource (FHIR R4, RESTful API §3.1.0.6). Nothing of the resource is repeated in the text.
 */
export class PatchError extends Error {
  readonly status: 400 | 422;
  /** Which operation, counted from 0; undefined where it is about the document as a whole. */
  readonly operation: number | undefined;

  constructor(status: 400 | 422, sentence: string, operation?: number) {
    super(operation === undefined ? sentence : `Operation ${operation}: ${sentence}`);
    this.name = 'PatchError';
    this.status = status;
    this.operation = operation;
  }
}

/** Bound on the operations of one patch. */
export const MAX_OPERATIONS = 1000;
