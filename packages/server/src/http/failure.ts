import { type Issue, type IssueCode, JsonError, PatchError, SearchError, TerminologyError } from '@meridian/fhir';
import { StoreError } from '@meridian/records';
import { HttpError } from './http-error.ts';

/** What the caller is told about an error. */
export interface Failure {
  status: number;
  issues: readonly Issue[];
  headers: Readonly<Record<string, string>>;
  /** Whether it is a fault of ours, to be logged with its place in the code. */
  fault: boolean;
}

const RETRY_SOON = { 'retry-after': '2' };

/**
 * Turns whatever was thrown into a status and issues. Messages of errors that are not ours never reach the caller: a
 * database or a parser may quote the record in them.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof HttpError) {
    return { status: error.status, issues: error.issues, headers: error.headers, fault: error.status === 500 };
  }
  if (error instanceof StoreError) {
    const headers = error.status === 503 ? RETRY_SOON : {};
    return { ...one(error.status, error.code, error.message), headers, fault: error.status === 500 };
  }
  if (error instanceof SearchError) return { status: 400, issues: error.issues, headers: {}, fault: false };
  if (error instanceof PatchError) return one(error.status, 'processing', error.message);
  if (error instanceof TerminologyError) return ofTerminology(error);
  if (error instanceof JsonError) return one(400, 'structure', error.message);
  return ofCode(error) ?? { ...one(500, 'exception', FAULT), fault: true };
}

const FAULT = 'The server met an unexpected fault; report the X-Request-Id of this answer to its operator.';

function one(status: number, code: IssueCode, diagnostics: string): Failure {
  return { status, issues: [{ severity: 'error', code, diagnostics }], headers: {}, fault: false };
}

function ofTerminology(error: TerminologyError): Failure {
  switch (error.problem) {
    case 'not-found':
    case 'not-loaded':
      return one(404, 'not-found', error.message);
    case 'invalid':
      return one(400, 'invalid', error.message);
    default:
      return one(422, error.problem, error.message);
  }
}

/** Errors of the database, the HTTP framework and the socket, by their `code` or name. */
function ofCode(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'QueueFull' || error.message === POOL_TIMEOUT) return busy();
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === '57014') {
    return one(
      504,
      'timeout',
      'The request took longer than the server allows; narrow it down or ask for smaller pages.',
    );
  }
  if (code.startsWith('53') || code === '57P03' || code === '57P01') return busy();
  if (code === 'ECONNREFUSED' || code === 'ENOENT' || code.startsWith('08')) return busy();
  if (code === '40001' || code === '40P01') {
    return one(409, 'conflict', 'Somebody else changed the same resources at the same moment; try again.');
  }
  return ofFramework(code);
}

/** What `pg` says when no connection became free in time. */
const POOL_TIMEOUT = 'timeout exceeded when trying to connect';

function busy(): Failure {
  const sentence = 'The server is too busy, or its database is away; try again in a few seconds.';
  return { ...one(503, 'transient', sentence), headers: RETRY_SOON };
}

function ofFramework(code: string): Failure | undefined {
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return one(415, 'not-supported', 'The Content-Type header is not a media type; send application/fhir+json.');
    case 'FST_ERR_BAD_URL':
      return one(400, 'invalid', 'The path is not valid percent-encoded UTF-8; check the escapes in the URL.');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return one(414, 'too-long', 'The path is too long; a resource id has at most 64 characters.');
    case 'FST_ERR_HANDLER_TIMEOUT':
      return one(503, 'timeout', 'The request took longer than the server allows; narrow it down and try again.');
    case 'ECONNRESET':
    case 'ABORT_ERR':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return one(400, 'incomplete', 'The body ended before it was complete; send it again.');
    default:
      return code.startsWith('FST_ERR_')
        ? one(400, 'invalid', 'The request is not valid HTTP for this server.')
        : undefined;
  }
}
