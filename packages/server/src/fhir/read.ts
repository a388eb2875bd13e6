import type { StoredVersion } from '@meridian/records';
import { matchesVersion, unmodifiedSince } from '../http/etag.ts';
import { refusal } from '../http/http-error.ts';
import { first } from '../http/query-string.ts';
import { versionAnswer } from './outgoing.ts';
import { projectionOf, projectVersion } from './projection.ts';
import { type Answer, type FhirRequest, header } from './request.ts';
import type { Services } from './services.ts';

/** `GET [type]/[id]` (FHIR R4, RESTful API §3.1.0.2), with the conditional forms of §3.1.0.2.1. */
export async function read(type: string, id: string, request: FhirRequest, services: Services): Promise<Answer> {
  const stored = await services.store.read(type, id, request.context);
  return shown(requireLive(stored, type, id), request);
}

/** `GET [type]/[id]/_history/[version]` (§3.1.0.3). */
export async function vread(
  type: string,
  id: string,
  version: string,
  request: FhirRequest,
  services: Services,
): Promise<Answer> {
  const number = /^[1-9]\d{0,8}$/.test(version) ? Number(version) : 0;
  const stored = number > 0 ? await services.store.vread(type, id, number, request.context) : undefined;
  if (!stored) throw refusal(404, 'not-found', `There is no such version of this ${type}; its _history lists them.`);
  return shown(requireLive(stored, type, id), request);
}

/** The version, if there is one to show: 404 where there never was one, 410 where it was deleted. */
export function requireLive(stored: StoredVersion | undefined, type: string, id: string): StoredVersion {
  if (!stored) throw refusal(404, 'not-found', `There is no ${type} with this id.`);
  if (stored.deleted) {
    const headers = { etag: `W/"${stored.version}"` };
    throw refusal(410, 'deleted', `This ${type} was deleted; ${type}/${id}/_history shows what it was.`, headers);
  }
  return stored;
}

function shown(stored: StoredVersion, request: FhirRequest): Answer {
  if (isUnchanged(stored, request)) return { status: 304, version: stored };
  if (request.parameters.length === 0) return versionAnswer(200, stored);
  const summary = first(request.parameters, '_summary');
  if (summary === 'count')
    throw refusal(400, 'value', 'The parameter _summary=count is for searches; a read has no count.');
  const projection = projectionOf(summary, request.parameters);
  return projection
    ? { ...versionAnswer(200, stored), body: projectVersion(stored, projection) }
    : versionAnswer(200, stored);
}

/** RFC 9110 §13.2.2: If-None-Match decides alone where it is there. */
export function isUnchanged(stored: StoredVersion, request: FhirRequest): boolean {
  const ifNoneMatch = header(request, 'if-none-match');
  if (ifNoneMatch !== undefined) return matchesVersion(ifNoneMatch, stored.version);
  const ifModifiedSince = header(request, 'if-modified-since');
  return ifModifiedSince !== undefined && unmodifiedSince(ifModifiedSince, stored.lastUpdated);
}
