import type { IncomingMessage } from 'node:http';
import type { Answer } from '../fhir/request.ts';
import { readBody } from '../http/body.ts';
import { refusal } from '../http/http-error.ts';
import { mediaType } from '../http/media.ts';

/** Most bytes of a JSON body here: people fill in forms. */
const LIMIT = 64 * 1024;
const PRIVATE = { 'cache-control': 'private, no-store' };

/** The JSON object in a body. Throws 400, 413 or 415. */
export async function jsonBody(message: IncomingMessage): Promise<Record<string, unknown>> {
  // a form of another site cannot send this type without asking the browser first
  if (mediaType(message.headers['content-type']) !== 'application/json') {
    throw refusal(415, 'not-supported', 'Send the body as Content-Type: application/json.');
  }
  const bytes = await readBody(message, LIMIT, message.headers['content-length']);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw refusal(400, 'structure', 'The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refusal(400, 'structure', 'The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

/** Refuses members that nobody reads: a misspelt restriction must not be taken for none. */
export function only(body: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  if (Object.keys(body).every((name) => names.includes(name))) return;
  throw refusal(400, 'structure', `The body may have these members only: ${names.join(', ')}.`);
}

/** A member that must be a text. */
export function text(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value.length <= 4000) return value;
  throw refusal(400, 'value', `${name} must be a text of at most 4,000 characters.`);
}

/** A member that may be absent, and else is a number. */
export function optionalNumber(body: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || typeof value === 'number') return value;
  throw refusal(400, 'value', `${name} must be a number.`);
}

export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    contentType: 'application/json',
    headers: { ...PRIVATE, ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}
