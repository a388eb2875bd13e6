import { isDeepStrictEqual } from 'node:util';
import { applyFhirPathPatch, applyJsonPatch, parseJson, type Resource } from '@meridian/fhir';
import type { StoredVersion, WriteResult } from '@meridian/records';
import { keptContentOf } from '@meridian/records';
import { versionOfIfMatch } from '../http/etag.ts';
import { refusal } from '../http/http-error.ts';
import { isJson, mediaType } from '../http/media.ts';
import { findOne } from './conditional.ts';
import { writeWhole } from './create.ts';
import { isResource, JSON_DEPTH, requireValid, textOf } from './incoming.ts';
import { parseStored, writeAnswer } from './outgoing.ts';
import { requireLive } from './read.ts';
import { type Answer, type FhirRequest, header } from './request.ts';
import { retryConflicts } from './retry.ts';
import { queryOf } from './search.ts';
import type { Services } from './services.ts';
import { requireCriteria } from './update.ts';

/** A change to a resource, from a patch document. */
export type Change = (resource: Resource) => Resource;

/** `PATCH [type]/[id]` (FHIR R4, RESTful API §3.1.0.6): JSON Patch or FHIRPath Patch. */
export function patch(type: string, id: string, request: FhirRequest, services: Services): Promise<Answer> {
  const change = changeOf(request);
  return retryConflicts(async () => {
    const stored = requireLive(await services.store.read(type, id, request.context), type, id);
    return writeAnswer(await patched(stored, change, request, services), request);
  }, header(request, 'if-match') === undefined);
}

/** `PATCH [type]?criteria` (§3.1.0.6.1). */
export function conditionalPatch(type: string, request: FhirRequest, services: Services): Promise<Answer> {
  const change = changeOf(request);
  const query = queryOf([type], requireCriteria(request.parameters), 'strict', services);
  return retryConflicts(async () => {
    const found = await findOne(query, request, services);
    if (!found) throw refusal(404, 'not-found', `The criteria find no ${type} to patch.`);
    return writeAnswer(await patched(found, change, request, services), request);
  }, header(request, 'if-match') === undefined);
}

/** Writes the changed resource only on top of the version that was changed. */
async function patched(
  stored: StoredVersion,
  change: Change,
  request: FhirRequest,
  services: Services,
): Promise<WriteResult> {
  const ifMatch = header(request, 'if-match');
  const before = parseStored(stored);
  const resource = changed(stored, change, services);
  const version = ifMatch === undefined ? stored.version : versionOfIfMatch(ifMatch);
  const write = { op: 'update', method: 'PATCH', resource, ifMatch: version } as const;
  // A Binary that still refers to its content as the server wrote it has nothing to move.
  if (keepsContent(before, resource)) return services.store.write(write, request.context);
  return writeWhole(write, request, services);
}

function keepsContent(before: Resource, after: Resource): boolean {
  const kept = before.resourceType === 'Binary' ? keptContentOf(before) : undefined;
  return kept !== undefined && isDeepStrictEqual(before._data, after._data);
}

/** The resource after the change. What a patch may not do: change the type or the id, or leave an invalid resource. */
export function changed(stored: StoredVersion, change: Change, services: Services): Resource {
  const resource = change(parseStored(stored));
  if (resource.resourceType !== stored.type || resource.id !== stored.id) {
    throw refusal(422, 'business-rule', 'A patch may not change the resourceType or the id of a resource.');
  }
  requireValid(resource, services);
  return resource;
}

/** The change that a request's body describes. */
export function changeOf(request: FhirRequest): Change {
  const { body } = request;
  if (body.kind === 'resource') return changeOfResource(body.resource);
  if (body.kind !== 'bytes' || body.bytes.length === 0) {
    throw refusal(400, 'required', 'A patch needs a JSON Patch or a Parameters resource in its body.');
  }
  const type = header(request, 'content-type');
  if (mediaType(type) === 'application/json-patch+json') return jsonPatch(textOf(body.bytes));
  if (!isJson(type)) {
    throw refusal(
      415,
      'not-supported',
      'A patch is either application/json-patch+json or a Parameters resource as application/fhir+json.',
      { 'accept-patch': 'application/json-patch+json, application/fhir+json' },
    );
  }
  return changeOfResource(parseJson(textOf(body.bytes), { depth: JSON_DEPTH }));
}

/** In a Bundle a JSON Patch travels as a Binary (FHIR R4, RESTful API §3.1.0.6.2). */
function changeOfResource(resource: unknown): Change {
  if (isResource(resource) && resource.resourceType === 'Parameters') {
    return (target) => applyFhirPathPatch(target, resource);
  }
  if (isResource(resource) && resource.resourceType === 'Binary' && typeof resource.data === 'string') {
    return jsonPatch(textOf(Buffer.from(resource.data, 'base64')));
  }
  throw refusal(
    400,
    'invalid',
    'A FHIRPath Patch is a Parameters resource with one "operation" parameter for each step.',
  );
}

function jsonPatch(text: string): Change {
  const operations = parseJson(text, { depth: JSON_DEPTH });
  return (target) => applyJsonPatch(target, operations);
}
