import type { ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import type { Answer } from '../fhir/request.ts';
import { etag, httpDate } from './etag.ts';
import { FHIR_JSON } from './media.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

type Headers = Record<string, string | number>;

/** Writes an answer. `done` is called once, when the last byte has left or the caller is gone. */
export function send(
  response: ServerResponse,
  answer: Answer,
  extra: Readonly<Record<string, string>>,
  location: string | undefined,
  withBody: boolean,
  done: (error?: Error) => void,
): void {
  const { body, version, status } = answer;
  const headers: Headers = { ...SECURITY_HEADERS, ...extra };
  if (version) {
    headers.etag = etag(version.version);
    headers['last-modified'] = httpDate(version.lastUpdated);
  }
  if (location !== undefined) headers.location = location;
  if (answer.headers) Object.assign(headers, answer.headers);
  if (body !== undefined) headers['content-type'] = answer.contentType ?? FHIR_JSON;
  if (body === undefined || Buffer.isBuffer(body)) {
    // 204 and 304 have no content and so no length (RFC 9110 §8.6).
    if (status !== 204 && status !== 304) headers['content-length'] = body?.length ?? 0;
    response.writeHead(status, headers);
    endWith(response, withBody ? body : undefined);
    done();
    return;
  }
  if (answer.length !== undefined) headers['content-length'] = answer.length;
  response.writeHead(status, headers);
  sendStream(response, body, withBody, done);
}

/** Above this size, copying the body costs more than a second piece in the call. */
const ONE_PIECE = 64 * 1024;

/**
 * Node puts a text behind the head and sends both as one piece; of bytes it makes a second one, which costs more than
 * turning them into a text of one byte a character and back.
 */
function endWith(response: ServerResponse, body: Buffer | undefined): void {
  if (body === undefined || body.length > ONE_PIECE) response.end(body);
  else response.end(body.toString('latin1'), 'latin1');
}

/** A stream that breaks ends the connection: a shorter body than announced is how the caller learns of it. */
function sendStream(response: ServerResponse, body: Readable, withBody: boolean, done: (error?: Error) => void): void {
  if (withBody) pipeline(body, response, (error) => done(error ?? undefined));
  else {
    body.destroy();
    response.end();
    done();
  }
}
