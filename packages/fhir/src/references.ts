import type { Resource } from './resource.ts';

/** What a reference text points to (FHIR R4, References §2.3.0.1; RESTful API §3.1.0.1.3 for its parts). */
export type ParsedReference =
  /** `Patient/1`, or an absolute URL below our own base; `version` from `/_history/…`. */
  | { kind: 'local'; type: string; id: string; version?: string }
  /** `#id`: a resource contained in the same one. */
  | { kind: 'contained'; id: string }
  /** `Patient?identifier=…`: to be resolved within a transaction (RESTful API §3.1.0.11.2). */
  | { kind: 'conditional'; type: string; query: string }
  /** Any other absolute URL, `urn:uuid:…`, `urn:oid:…`, or what is none of the above. */
  | { kind: 'url'; url: string };

/** `[base/]Type/id[/_history/version]`; type and id as the specification writes them. */
const RESTFUL = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
const CONDITIONAL = /^([A-Z][A-Za-z]{1,63})\?(.+)$/s;

/** Reads a reference. `baseUrl` is our own, such as `https://example.org/fhir`, with or without a final slash. */
export function parseReference(text: string, baseUrl?: string): ParsedReference {
  if (text.startsWith('#')) return { kind: 'contained', id: text.slice(1) };
  const relative = relativeTo(text, baseUrl);
  const match = RESTFUL.exec(relative);
  if (match) {
    const [, type, id, version] = match as unknown as [string, string, string, string | undefined];
    return version === undefined ? { kind: 'local', type, id } : { kind: 'local', type, id, version };
  }
  const conditional = CONDITIONAL.exec(relative);
  if (conditional) return { kind: 'conditional', type: conditional[1] as string, query: conditional[2] as string };
  return { kind: 'url', url: text };
}

function relativeTo(text: string, baseUrl: string | undefined): string {
  if (baseUrl === undefined || baseUrl === '' || !text.startsWith(baseUrl)) return text;
  const rest = text.slice(baseUrl.length);
  if (baseUrl.endsWith('/')) return rest;
  return rest.startsWith('/') ? rest.slice(1) : text;
}

/** Calls `visit` with every `Reference.reference` of the resource, contained resources included. */
export function forEachReference(resource: Resource, visit: (reference: string, holder: object) => void): void {
  visitReferences(resource, visit);
}

function visitReferences(node: object, visit: (reference: string, holder: object) => void): void {
  const members = node as Record<string, unknown>;
  for (const key in members) {
    const member = members[key];
    if (typeof member === 'object') {
      if (member !== null) visitReferences(member, visit);
    } else if (key === 'reference' && typeof member === 'string' && !isUriReference(members)) {
      visit(member, node);
    }
  }
}

/**
 * Rewrites references in place, as a transaction does once it knows the ids of what it creates (FHIR R4, RESTful API
 * §3.1.0.11.2): every `Reference.reference`; elements of type uri, url, oid or uuid that hold a `urn:uuid:` or
 * `urn:oid:`; and `href` and `src` in the narrative. Canonicals are not replaced, nor are the systems of codes and
 * identifiers and a resource's own canonical `url`: those name a thing and do not point to a resource.
 *
 * `rewrite` answers the new text, or undefined to leave the old one.
 */
export function mapReferences(resource: Resource, rewrite: (reference: string) => string | undefined): void {
  rewriteReferences(resource, rewrite);
}

/**
 * The R4 elements of type uri, url, oid or uuid that may point to a resource, by name. (Computed over all R4 element
 * definitions: all names that ever have such a type, without those that name instead of point, see `mapReferences`.)
 */
const URI_ELEMENTS: ReadonlySet<string> = new Set(
  (
    'url reference source instantiates instantiatesUri definition definitionUri derivedFromUri sourceUri targetUri ' +
    'moduleUri eventUri nameUrl policy protocol uri address endpoint authorizationUrl rendering onlineInformation ' +
    'location detail link valueUri valueUrl valueOid valueUuid'
  ).split(' '),
);

function rewriteReferences(node: object, rewrite: (reference: string) => string | undefined): void {
  const members = node as Record<string, unknown>;
  for (const key in members) {
    const member = members[key];
    if (typeof member === 'string') {
      const changed = rewriteText(members, key, member, rewrite);
      if (changed !== undefined) members[key] = changed;
    } else if (Array.isArray(member)) {
      rewriteArray(members, key, member, rewrite);
    } else if (typeof member === 'object' && member !== null) {
      rewriteReferences(member, rewrite);
    }
  }
}

function rewriteArray(
  holder: Record<string, unknown>,
  key: string,
  array: unknown[],
  rewrite: (reference: string) => string | undefined,
): void {
  for (let index = 0; index < array.length; index++) {
    const member = array[index];
    if (typeof member === 'string') {
      const changed = rewriteText(holder, key, member, rewrite);
      if (changed !== undefined) array[index] = changed;
    } else if (typeof member === 'object' && member !== null) {
      rewriteReferences(member, rewrite);
    }
  }
}

function rewriteText(
  holder: Record<string, unknown>,
  key: string,
  text: string,
  rewrite: (reference: string) => string | undefined,
): string | undefined {
  if (key === 'reference' && !isUriReference(holder)) return rewrite(text);
  if (key === 'div') return rewriteNarrative(text, rewrite);
  if (!text.startsWith('urn:uuid:') && !text.startsWith('urn:oid:')) return undefined;
  if (!URI_ELEMENTS.has(key) || (key === 'url' && 'resourceType' in holder)) return undefined;
  return rewrite(text);
}

/** Elements that stand beside a `reference` of type uri in R4: DetectedIssue, Expression, Immunization.education. */
const BESIDE_URI_REFERENCE = ['resourceType', 'language', 'documentType', 'publicationDate', 'presentationDate'];

function isUriReference(holder: Record<string, unknown>): boolean {
  return BESIDE_URI_REFERENCE.some((element) => holder[element] !== undefined);
}

const LINK = /(\s(?:href|src)\s*=\s*)("[^"]*"|'[^']*')/g;

function rewriteNarrative(div: string, rewrite: (reference: string) => string | undefined): string | undefined {
  if (!div.includes('href') && !div.includes('src')) return undefined;
  return div.replace(LINK, (whole: string, attribute: string, quoted: string) => {
    const quote = quoted.charAt(0);
    const target = quoted.slice(1, -1).replaceAll('&amp;', '&');
    if (target === '' || target.startsWith('#')) return whole;
    const changed = rewrite(target);
    return changed === undefined ? whole : `${attribute}${quote}${escapeAttribute(changed)}${quote}`;
  });
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
