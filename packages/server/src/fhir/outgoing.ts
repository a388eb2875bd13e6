import { type Issue, parseJson, type Resource, stringifyJson } from '@meridian/fhir';
import type { StoredVersion, WriteResult } from '@meridian/records';
import { outcomeBytes } from '../http/http-error.ts';
import { JSON_DEPTH } from './incoming.ts';
import type { Answer, FhirRequest } from './request.ts';

/** The stored bytes as they are, with their ETag and Last-Modified. */
export function versionAnswer(status: number, stored: StoredVersion): Answer {
  return stored.json === undefined ? { status, version: stored } : { status, body: stored.json, version: stored };
}

/** `Type/id/_history/version`. */
export function versionPath(stored: StoredVersion): string {
  return `${stored.type}/${stored.id}/_history/${stored.version}`;
}

/** What a write answers, by `Prefer: return` (FHIR R4, RESTful API §3.1.0.1.9); the whole resource by default. */
export function writeAnswer(result: WriteResult, request: FhirRequest): Answer {
  const { stored, outcome, event } = result;
  const answer: Answer = {
    status: outcome === 'created' ? 201 : 200,
    version: stored,
    location: versionPath(stored),
    ...(event !== undefined && { event }),
  };
  switch (request.preferences.return) {
    case 'minimal':
      return answer;
    case 'OperationOutcome':
      return { ...answer, ...issuesBody([done(outcome)]) };
    default:
      return stored.json === undefined ? answer : { ...answer, body: stored.json };
  }
}

function done(outcome: WriteResult['outcome']): Issue {
  const diagnostics = outcome === 'unchanged' ? 'Nothing had to be changed.' : `The resource was ${outcome}.`;
  return { severity: 'information', code: 'informational', diagnostics };
}

export function issuesBody(issues: readonly Issue[]): { body: Buffer; issues: readonly Issue[] } {
  return { body: outcomeBytes(issues), issues };
}

export function outcomeAnswer(status: number, issues: readonly Issue[]): Answer {
  return { status, ...issuesBody(issues) };
}

export function resourceAnswer(status: number, resource: Resource): Answer {
  return { status, body: Buffer.from(stringifyJson(resource)) };
}

/** The resource of a stored version. Call only where something must be read or changed in it. */
export function parseStored(stored: StoredVersion): Resource {
  if (stored.json === undefined) throw new Error('a deleted version has no resource');
  return parseJson(stored.json.toString('utf8'), { depth: JSON_DEPTH + 2 }) as Resource;
}
