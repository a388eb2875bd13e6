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
    response.end(withBody ? body : undefined);
    done();
    return;
  }
  if (answer.length !== undefined) headers['content-length'] = answer.length;
  response.writeHead(status, headers);
  sendStream(response, body, withBody, done);
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
