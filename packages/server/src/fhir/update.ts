import type { Resource } from '@meridian/fhir';
import { versionOfIfMatch } from '../http/etag.ts';
import { refusal } from '../http/http-error.ts';
import type { Parameters } from '../http/query-string.ts';
import { findOne } from './conditional.ts';
import { writeWhole } from './create.ts';
import { isId, requireValid, resourceOf } from './incoming.ts';
import { writeAnswer } from './outgoing.ts';
import { type Answer, type FhirRequest, header } from './request.ts';
import { retryConflicts } from './retry.ts';
import { queryOf } from './search.ts';
import type { Services } from './services.ts';

/** `PUT [type]/[id]` (FHIR R4, RESTful API §3.1.0.4): creates the resource where there is none. */
export async function update(type: string, id: string, request: FhirRequest, services: Services): Promise<Answer> {
  const resource = resourceOf(request, type);
  requireId(resource, id);
  requireValid(resource, services);
  return writeAnswer(await writeWhole({ op: 'update', resource, ...conditions(request) }, request, services), request);
}

/** If-Match, and `If-None-Match: *` for "only if there is none yet". */
function conditions(request: FhirRequest): { ifMatch?: number; onlyIfNew?: boolean } {
  const ifMatch = header(request, 'if-match');
  const onlyIfNew = header(request, 'if-none-match')?.trim() === '*';
  return {
    ...(ifMatch !== undefined && { ifMatch: versionOfIfMatch(ifMatch) }),
    ...(onlyIfNew && { onlyIfNew }),
  };
}

export function requireId(resource: Resource, id: string): void {
  if (resource.id === undefined) {
    throw refusal(400, 'required', 'An update needs the id in the body, equal to the id in the URL.');
  }
  if (resource.id !== id)
    throw refusal(400, 'invalid', 'The id in the body differs from the id in the URL; make them equal.');
}

/**
 * `PUT [type]?criteria` (§3.1.0.4.3). Between the search and the write somebody may have created or changed the match:
 * the create therefore carries the criteria as If-None-Exist and the update the version found, and both are tried again.
 */
export function conditionalUpdate(type: string, request: FhirRequest, services: Services): Promise<Answer> {
  const resource = resourceOf(request, type);
  requireValid(resource, services);
  const query = queryOf([type], requireCriteria(request.parameters), 'strict', services);
  return retryConflicts(async (conflict) => {
    const found = await findOne(query, request, services);
    if (!found) {
      if (resource.id !== undefined) {
        if (!isId(resource.id)) throw refusal(400, 'value', 'The id in the body is not a FHIR id.');
        const result = await writeWhole({ op: 'update', resource, onlyIfNew: true }, request, services);
        return writeAnswer(result, request);
      }
      const result = await writeWhole({ op: 'create', resource, ifNoneExist: query }, request, services);
      return result.outcome === 'unchanged' ? conflict() : writeAnswer(result, request);
    }
    if (resource.id !== undefined && resource.id !== found.id) {
      throw refusal(400, 'invalid', 'The id in the body differs from the id of the resource that the criteria find.');
    }
    const given = conditions(request);
    const result = await writeWhole(
      { op: 'update', resource: { ...resource, id: found.id }, ifMatch: given.ifMatch ?? found.version },
      request,
      services,
    );
    return writeAnswer(result, request);
  }, header(request, 'if-match') === undefined);
}

export function requireCriteria(parameters: Parameters): Parameters {
  if (parameters.length === 0) {
    throw refusal(
      400,
      'required',
      'A conditional request needs search criteria after the question mark, or an id in the path.',
    );
  }
  return parameters;
}
