import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { type Issue, JsonError, mapReferences, parseJson, type Resource } from '@meridian/fhir';
import type { ImportUnit } from '../store.ts';

/** One resource of a unit, or why it cannot be read. */
export interface Entry {
  index: number;
  resource?: Resource;
  issue?: Issue;
}

const DEPTH = 64;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const UUID_URN = /^urn:uuid:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/**
 * The resources of a unit, each with an id: its own, else the UUID of its fullUrl, else one derived from the unit's
 * content and its place, so that the same unit always gives the same ids. References to fullUrls of the Bundle are
 * rewritten to the ids.
 */
export function readEntries(unit: ImportUnit): Entry[] {
  const bytes = withoutMark(Buffer.from(unit.body.buffer, unit.body.byteOffset, unit.body.byteLength));
  if (unit.format === 'ndjson') return lineEntries(bytes);
  return isUtf8(bytes) ? bundleEntries(bytes.toString('utf8')) : [{ index: 0, issue: notUtf8() }];
}

/** Some systems put a byte order mark before UTF-8 text; it is not part of the JSON (RFC 8259 §8.1). */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Decoding what is not UTF-8 would put other characters in place of it without a word. */
function notUtf8(): Issue {
  return invalid('This is not UTF-8, the only encoding of FHIR JSON. Convert it, and import it again.');
}

function lineEntries(bytes: Buffer): Entry[] {
  const entries: Entry[] = [];
  let start = 0;
  for (let index = 0; start < bytes.length; index++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    const entry = lineEntry(bytes.subarray(start, end), index);
    if (entry) entries.push(entry);
    start = end + 1;
  }
  return entries;
}

function lineEntry(bytes: Buffer, index: number): Entry | undefined {
  if (!isUtf8(bytes)) return { index, issue: notUtf8() };
  // a line may end with CR LF
  const line = bytes.toString('utf8').trim();
  if (line === '') return undefined;
  const entry: Entry = { index, ...parse(line) };
  if (entry.resource && !entry.resource.id) entry.resource.id = derivedId(line, 0);
  return entry;
}

function bundleEntries(text: string): Entry[] {
  const { resource: bundle, issue } = parse(text);
  if (issue) return [{ index: 0, issue }];
  if (bundle?.resourceType !== 'Bundle' || !Array.isArray(bundle.entry)) {
    return bundle ? [{ index: 0, resource: withId(bundle, undefined, () => derivedId(text, 0)) }] : [];
  }
  let digest: string | undefined;
  const targets = new Map<string, string>();
  const entries = bundle.entry.map((entry: unknown, index): Entry => {
    const { fullUrl, resource } = isObject(entry) ? entry : {};
    if (!isResource(resource)) {
      return { index, issue: invalid('This entry holds no resource; only entries with one can be imported.') };
    }
    const url = typeof fullUrl === 'string' ? fullUrl : undefined;
    withId(resource, url, () => {
      digest ??= hash('sha256', text);
      return derivedId(digest, index);
    });
    if (url) targets.set(url, `${resource.resourceType}/${resource.id}`);
    return { index, resource };
  });
  for (const { resource } of entries) if (resource) mapReferences(resource, (reference) => targets.get(reference));
  return entries;
}

function withId(resource: Resource, fullUrl: string | undefined, otherwise: () => string): Resource {
  const own = typeof resource.id === 'string' && ID.test(resource.id) ? resource.id : undefined;
  resource.id = own ?? UUID_URN.exec(fullUrl ?? '')?.[1]?.toLowerCase() ?? otherwise();
  return resource;
}

/** An id made from content: what tells it from all others, such as its text or a digest, and a place in it. */
export function derivedId(content: string, index: number): string {
  const hex = hash('sha256', `${index}\n${content}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

function parse(text: string): { resource?: Resource; issue?: Issue } {
  try {
    const value = parseJson(text, { depth: DEPTH });
    if (isResource(value)) return { resource: value };
    return { issue: invalid('This is JSON, but no FHIR resource: it has no resourceType.') };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { issue: invalid(error.message) };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isResource(value: unknown): value is Resource {
  return isObject(value) && typeof value.resourceType === 'string';
}

function invalid(diagnostics: string): Issue {
  return { severity: 'error', code: 'structure', diagnostics };
}
