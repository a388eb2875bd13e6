import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '../fhir/request.ts';
import { readBody } from '../http/body.ts';
import { refusal } from '../http/http-error.ts';

/** One request to a JSON endpoint below `/oauth`. */
export interface OAuthRequest {
  message: IncomingMessage;
  response: ServerResponse;
  method: string;
  /** Segments of the path below `/oauth`, decoded. */
  path: readonly string[];
  query: URLSearchParams;
  requestId: string;
  /** Where it comes from. */
  address: string;
}

const BODY_LIMIT = 64 * 1024;

export function jsonAnswer(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, contentType: 'application/json', body: Buffer.from(JSON.stringify(value)), headers };
}

export const NO_CONTENT: Answer = { status: 204 };

/**
 * Refuses what another site's page can make a browser send (OWASP CSRF Prevention Cheat Sheet): a request that changes
 * something names our origin, and a content type that no form can send.
 */
export function requireSameOrigin(message: IncomingMessage, origin: string): void {
  const { origin: sender, 'sec-fetch-site': site } = message.headers;
  const changes = message.method !== 'GET' && message.method !== 'HEAD';
  const foreign =
    (site !== undefined && site !== 'same-origin' && !(site === 'none' && !changes)) || (sender ?? origin) !== origin;
  if (foreign || (changes && sender === undefined)) {
    throw refusal(403, 'forbidden', 'This is only for the pages of this server itself.');
  }
}

/** The body as a JSON object. */
export async function readJson(message: IncomingMessage): Promise<Record<string, unknown>> {
  if (!/^application\/json(?:; *charset=utf-8)?$/i.test(message.headers['content-type'] ?? '')) {
    throw refusal(415, 'not-supported', 'Send the body as application/json.');
  }
  const bytes = await readBody(message, BODY_LIMIT, message.headers['content-length']);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refusal(400, 'structure', 'The body must be one JSON object.');
  }
  return value as Record<string, unknown>;
}

/** A member that must be a text. */
export function textOf(body: Record<string, unknown>, name: string, longest = 512): string {
  const value = body[name];
  if (typeof value !== 'string' || value.length === 0 || value.length > longest) {
    throw refusal(400, 'invalid', `The body must hold ${name}, a text of at most ${longest} characters.`);
  }
  return value;
}

export function optionalTextOf(body: Record<string, unknown>, name: string): string | undefined {
  return body[name] === undefined || body[name] === null || body[name] === '' ? undefined : textOf(body, name);
}

/** A cookie by name; undefined where it is absent or not one that we would have set. */
export function cookieOf(message: IncomingMessage, name: string): string | undefined {
  for (const part of (message.headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value !== undefined && /^[\w.-]{1,512}$/.test(value)) return value;
  }
  return undefined;
}

export function notFound(): Error {
  return refusal(404, 'not-found', 'There is nothing at this URL; docs/sign-in.md lists what there is.');
}
