import { refusal } from './http-error.ts';

/** FHIR's weak ETag of a version: `W/"3"` (FHIR R4, RESTful API §3.1.0.1.3). */
export function etag(version: number): string {
  return `W/"${version}"`;
}

const ETAG = /^\s*(?:W\/)?"?(\d{1,9})"?\s*$/;

/** The version in an If-Match header. Refuses what cannot be one of this server's ETags. */
export function versionOfIfMatch(header: string): number {
  const version = ETAG.exec(header)?.[1];
  if (version === undefined) {
    throw refusal(400, 'value', 'The If-Match header must be the ETag of one version, such as W/"3".');
  }
  return Number(version);
}

/** Whether If-None-Match names this version, so that a read answers 304. */
export function matchesVersion(header: string, version: number): boolean {
  return header.split(',', 50).some((tag) => tag.trim() === '*' || ETAG.exec(tag)?.[1] === String(version));
}

/**
 * Whether nothing changed since an If-Modified-Since date. HTTP dates have whole seconds (RFC 9110 §8.8.2), so the
 * change is compared by its second.
 */
export function unmodifiedSince(header: string, lastUpdated: number): boolean {
  const since = Date.parse(header);
  return Number.isFinite(since) && Math.floor(lastUpdated / 1000) * 1000 <= since;
}

/** Formatting a date costs more than finding it; writes of one second share their Last-Modified. */
let formatted = { second: -1, text: '' };

export function httpDate(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (formatted.second !== second) formatted = { second, text: new Date(second * 1000).toUTCString() };
  return formatted.text;
}
