import { randomUUID } from 'node:crypto';

/** The two names of a request. */
export interface RequestId {
  /** For logs and events. */
  internal: string;
  /** For the answer's `X-Request-Id`: the caller's own where it sent one (FHIR R4, RESTful API §3.1.0.1.10). */
  echoed: string;
}

/** UUIDs and hexadecimal trace ids: nothing that could be a person's name or number. */
const OPAQUE = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\d*[a-f])[0-9a-f]{16,64})$/i;
const TOKEN = /^[\w.:+/=-]{1,64}$/;

/**
 * A caller's id goes into logs and events only where it cannot carry record text; otherwise the request gets one of
 * ours there, and the caller still gets its own back.
 */
export function requestIdOf(header: string | string[] | undefined): RequestId {
  if (typeof header !== 'string' || !TOKEN.test(header)) {
    const id = randomUUID();
    return { internal: id, echoed: id };
  }
  return { internal: OPAQUE.test(header) ? header : randomUUID(), echoed: header };
}
