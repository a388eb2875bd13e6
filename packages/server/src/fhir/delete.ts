import type { WriteResult } from '@meridian/records';
import { versionOfIfMatch } from '../http/etag.ts';
import { findOne } from './conditional.ts';
import { issuesBody } from './outgoing.ts';
import { type Answer, type FhirRequest, header } from './request.ts';
import { retryConflicts } from './retry.ts';
import { queryOf } from './search.ts';
import type { Services } from './services.ts';
import { requireCriteria } from './update.ts';

/** `DELETE [type]/[id]` (FHIR R4, RESTful API §3.1.0.7). Deleting what is not there is no error. */
export async function remove(type: string, id: string, request: FhirRequest, services: Services): Promise<Answer> {
  const ifMatch = header(request, 'if-match');
  const condition = ifMatch === undefined ? {} : { ifMatch: versionOfIfMatch(ifMatch) };
  return answerOf(await services.store.write({ op: 'delete', type, id, ...condition }, request.context), request);
}

/** `DELETE [type]?criteria` (§3.1.0.7.1): one match only, as the CapabilityStatement says (`single`). */
export function conditionalDelete(type: string, request: FhirRequest, services: Services): Promise<Answer> {
  const query = queryOf([type], requireCriteria(request.parameters), 'strict', services);
  return retryConflicts(async () => {
    const found = await findOne(query, request, services);
    if (!found) return nothing(request);
    const write = { op: 'delete', type, id: found.id, ifMatch: found.version } as const;
    return answerOf(await services.store.write(write, request.context), request);
  }, true);
}

function answerOf(result: WriteResult, request: FhirRequest): Answer {
  if (result.outcome === 'absent') return nothing(request);
  const { stored, event } = result;
  const done = { version: stored, ...(event !== undefined && { event }) };
  if (request.preferences.return !== 'OperationOutcome') return { status: 204, ...done };
  return { status: 200, ...done, ...outcome('The resource is deleted; its history stays.') };
}

function nothing(request: FhirRequest): Answer {
  if (request.preferences.return !== 'OperationOutcome') return { status: 204 };
  return { status: 200, ...outcome('There was nothing to delete.') };
}

function outcome(diagnostics: string) {
  return issuesBody([{ severity: 'information', code: 'informational', diagnostics }]);
}
