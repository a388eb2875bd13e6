import type { Resource } from '@meridian/fhir';
import type { Permission } from '@meridian/viewing';
import { etag } from '../http/etag.ts';
import { refusal } from '../http/http-error.ts';
import { receiptExtension } from '../ledger/write-proof.ts';
import type { BundleWriter } from './bundle-writer.ts';
import type { Answer, FhirRequest } from './request.ts';

/** One entry of a batch or transaction, with what was wrong with it checked already. */
export interface Entry {
  fullUrl: string | undefined;
  resource: Resource | undefined;
  method: string;
  /** Below the base, without a leading slash; may have a query. */
  url: string;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  ifNoneExist: string | undefined;
  ifModifiedSince: string | undefined;
}

/** How a Bundle has an entry carried out as if it had come alone. */
export interface Dispatch {
  baseUrl: string;
  /** Rejects as the interaction does; `request` gives all but method, URL and body. */
  entry(entry: Entry, request: FhirRequest): Promise<Answer>;
  /** Throws 403 where the bearer may not do this. */
  authorize(request: FhirRequest, permission: Permission, type: string): void;
}

/** Reads one entry. Refuses with 400 what has no method and URL that could be carried out. */
export function entryOf(item: unknown, at: number, baseUrl: string): Entry {
  const where = `Bundle.entry[${at}]`;
  const bad = (sentence: string) => refusal(400, 'structure', `${where} ${sentence}`);
  if (!isObject(item)) throw bad('must be an object.');
  const { request, resource, fullUrl } = item;
  if (!isObject(request)) throw bad('needs a request with method and url.');
  const { method, url } = request;
  if (typeof method !== 'string' || typeof url !== 'string') throw bad('needs request.method and request.url as text.');
  if (resource !== undefined && !(isObject(resource) && typeof resource.resourceType === 'string')) {
    throw bad('has a resource without a resourceType.');
  }
  return {
    fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined,
    resource: resource as Resource | undefined,
    method,
    url: relativeUrl(url, baseUrl),
    ifMatch: textOf(request.ifMatch),
    ifNoneMatch: textOf(request.ifNoneMatch),
    ifNoneExist: textOf(request.ifNoneExist),
    ifModifiedSince: textOf(request.ifModifiedSince),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function relativeUrl(url: string, baseUrl: string): string {
  if (url.startsWith(`${baseUrl}/`)) return url.slice(baseUrl.length + 1);
  return url.startsWith('/') ? url.slice(1) : url;
}

/** The request headers that an entry stands for. */
export function headersOf(entry: Entry): Record<string, string> {
  const headers: Record<string, string> = {};
  if (entry.ifMatch !== undefined) headers['if-match'] = entry.ifMatch;
  if (entry.ifNoneMatch !== undefined) headers['if-none-match'] = entry.ifNoneMatch;
  if (entry.ifNoneExist !== undefined) headers['if-none-exist'] = entry.ifNoneExist;
  if (entry.ifModifiedSince !== undefined) headers['if-modified-since'] = entry.ifModifiedSince;
  return headers;
}

/** Adds what one entry came to. Issues of a refusal stand in `response.outcome`, resources in `resource`. */
export function addAnswer(writer: BundleWriter, answer: Answer, showResource: boolean): void {
  const response: Record<string, unknown> = { status: String(answer.status) };
  if (answer.location !== undefined) response.location = answer.location;
  if (answer.version) {
    response.etag = etag(answer.version.version);
    response.lastModified = new Date(answer.version.lastUpdated).toISOString();
  }
  if (answer.event !== undefined) response.extension = [receiptExtension(answer.event)];
  if (answer.issues) response.outcome = { resourceType: 'OperationOutcome', issue: answer.issues };
  const shown = showResource && !answer.issues && Buffer.isBuffer(answer.body) ? answer.body : undefined;
  writer.add('', shown, `"response":${JSON.stringify(response)}`);
}

/** Entries that ask for something show it; what others wrote is shown only under `Prefer: return=representation`. */
export function isRead(entry: Entry): boolean {
  return entry.method === 'GET' || entry.method === 'HEAD' || entry.url.includes('$') || entry.url.includes('_search');
}
