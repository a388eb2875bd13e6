import type { HistoryRequest, StoredVersion } from '@meridian/records';
import { etag } from '../http/etag.ts';
import { refusal } from '../http/http-error.ts';
import { first, type Parameters, wholeNumber } from '../http/query-string.ts';
import { BundleWriter } from './bundle-writer.ts';
import type { Answer, FhirRequest } from './request.ts';
import { CURSOR, DEFAULT_COUNT, linksOf, MOST_COUNT } from './search.ts';
import type { Services } from './services.ts';

/** `GET [base|type|type/id]/_history` (FHIR R4, RESTful API §3.1.0.12): newest first. */
export async function history(
  of: { type?: string; id?: string },
  request: FhirRequest,
  services: Services,
): Promise<Answer> {
  const { parameters, context } = request;
  const page = await services.store.history({ ...of, ...bounds(parameters) }, context);
  if (of.id !== undefined && page.versions.length === 0 && first(parameters, CURSOR) === undefined) {
    await requireKnown(of.type ?? '', of.id, request, services);
  }
  const path = [of.type, of.id, '_history'].filter((part) => part !== undefined).join('/');
  const bundle = new BundleWriter({
    resourceType: 'Bundle',
    type: 'history',
    link: linksOf(parameters, page.next, `${services.baseUrl}/${path}`),
  });
  for (const version of page.versions) addVersion(bundle, version, services.baseUrl);
  return { status: 200, body: bundle.end() };
}

function bounds(parameters: Parameters): Omit<HistoryRequest, 'type' | 'id'> {
  const since = instant(parameters, '_since');
  const at = instant(parameters, '_at');
  const cursor = first(parameters, CURSOR);
  return {
    count: wholeNumber(parameters, '_count', 1, MOST_COUNT) ?? DEFAULT_COUNT,
    ...(since !== undefined && { since }),
    ...(at !== undefined && { at }),
    ...(cursor !== undefined && { cursor }),
  };
}

/** An instant, or a date whose first moment in UTC is meant. */
export function instant(parameters: Parameters, name: string): number | undefined {
  const text = first(parameters, name);
  if (text === undefined) return undefined;
  // A plus sign that was not escaped arrives as a space; nothing else in an instant can be one.
  const written = text.replace(' ', '+');
  const value = INSTANT.test(written) ? Date.parse(written) : Number.NaN;
  if (Number.isNaN(value)) {
    throw refusal(400, 'value', `The parameter ${name} must be an instant such as 2026-01-31T09:30:00Z.`);
  }
  return value;
}

const INSTANT = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?)?)?$/;

async function requireKnown(type: string, id: string, request: FhirRequest, services: Services): Promise<void> {
  const seen = await services.store.sees(type, id, undefined, request.context);
  if (!seen) throw refusal(404, 'not-found', `There is no ${type} with this id.`);
}

function addVersion(bundle: BundleWriter, version: StoredVersion, baseUrl: string): void {
  const { type, id, method } = version;
  const request = { method, url: method === 'POST' ? type : `${type}/${id}` };
  const response = {
    status: statusOf(version),
    etag: etag(version.version),
    lastModified: new Date(version.lastUpdated).toISOString(),
  };
  const tail = `"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}`;
  bundle.add(`"fullUrl":"${baseUrl}/${type}/${id}"`, version.json, tail);
}

function statusOf(version: StoredVersion): string {
  if (version.deleted) return '204';
  return version.version === 1 ? '201' : '200';
}
