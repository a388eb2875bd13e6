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
  const text = Buffer.from(unit.body.buffer, unit.body.byteOffset, unit.body.byteLength).toString('utf8');
  return unit.format === 'bundle' ? bundleEntries(text) : lineEntries(text);
}

function lineEntries(text: string): Entry[] {
  const entries: Entry[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const entry = { index, ...parse(line) };
    if (entry.resource && !entry.resource.id) entry.resource.id = derivedId(line, 0);
    entries.push(entry);
  });
  return entries;
}

function bundleEntries(text: string): Entry[] {
  const { resource: bundle, issue } = parse(text);
  if (issue) return [{ index: 0, issue }];
  if (bundle?.resourceType !== 'Bundle' || !Array.isArray(bundle.entry)) {
    return bundle ? [{ index: 0, resource: withId(bundle, undefined, derivedId(text, 0)) }] : [];
  }
  const targets = new Map<string, string>();
  const entries = bundle.entry.map((entry: unknown, index): Entry => {
    const { fullUrl, resource } = isObject(entry) ? entry : {};
    if (!isResource(resource)) {
      return { index, issue: invalid('This entry holds no resource; only entries with one can be imported.') };
    }
    const url = typeof fullUrl === 'string' ? fullUrl : undefined;
    withId(resource, url, derivedId(text, index));
    if (url) targets.set(url, `${resource.resourceType}/${resource.id}`);
    return { index, resource };
  });
  for (const { resource } of entries) if (resource) mapReferences(resource, (reference) => targets.get(reference));
  return entries;
}

function withId(resource: Resource, fullUrl: string | undefined, otherwise: string): Resource {
  const own = typeof resource.id === 'string' && ID.test(resource.id) ? resource.id : undefined;
  resource.id = own ?? UUID_URN.exec(fullUrl ?? '')?.[1]?.toLowerCase() ?? otherwise;
  return resource;
}

function derivedId(text: string, index: number): string {
  const hex = hash('sha256', `${index}\n${text}`);
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
