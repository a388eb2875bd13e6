import { isResourceType, parseJson, type Resource, validate } from '@meridian/fhir';
import { HttpError, refusal } from '../http/http-error.ts';
import { requireJson } from '../http/media.ts';
import { type FhirRequest, header } from './request.ts';
import type { Services } from './services.ts';

/** Deepest nesting of a body. FHIR's deepest published resources nest about 20 levels. */
export const JSON_DEPTH = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a body. Refuses what is not UTF-8, instead of storing replacement characters in a record. */
export function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refusal(400, 'structure', 'The body is not valid UTF-8; FHIR is exchanged in UTF-8 only.');
  }
}

/** The resource in a request's body, of the given type where there is one; its content is not validated yet. */
export function resourceOf(request: FhirRequest, type?: string): Resource {
  const resource = bodyOf(request);
  if (!isResource(resource)) {
    const wanted = type ?? 'a FHIR resource';
    throw refusal(400, 'structure', `The body must be one JSON object with resourceType ${wanted}.`);
  }
  if (type !== undefined && resource.resourceType !== type) {
    throw refusal(400, 'invalid', `The body's resourceType must be ${type}, as in the URL.`);
  }
  return resource;
}

export function isResource(value: unknown): value is Resource {
  return (
    typeof value === 'object' &&
    value !== null &&
    'resourceType' in value &&
    typeof value.resourceType === 'string' &&
    isResourceType(value.resourceType)
  );
}

function bodyOf(request: FhirRequest): unknown {
  const { body } = request;
  if (body.kind === 'resource') return body.resource;
  if (body.kind !== 'bytes' || body.bytes.length === 0) {
    throw refusal(400, 'required', 'This request needs a FHIR resource as JSON in its body.');
  }
  requireJson(header(request, 'content-type'));
  return parseJson(textOf(body.bytes), { depth: JSON_DEPTH });
}

/**
 * Refuses a resource that may not be stored: 400 where it breaks FHIR itself, 422 where it breaks a profile it claims
 * (FHIR R4, RESTful API §3.1.0.8.1). Warnings let it pass.
 */
export function requireValid(resource: Resource, services: Services): void {
  const basic = validate(resource).filter(isError);
  if (basic.length > 0) throw new HttpError(400, basic);
  if (!resource.meta?.profile) return;
  const profiled = validate(resource, { profiles: services.profiles }).filter(isError);
  if (profiled.length > 0) throw new HttpError(422, profiled);
}

function isError(issue: { severity: string }): boolean {
  return issue.severity === 'error' || issue.severity === 'fatal';
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

export function isId(text: string): boolean {
  return ID.test(text);
}
