import { hash } from 'node:crypto';
import { JsonError, mapReferences, parseJson, type Resource, stringifyJson } from '@meridian/fhir';
import { EntryScanner } from './entry-scanner.ts';
import { type Source, UnreadableFile } from './source.ts';
import { isObject, LARGEST_UNIT, NO_TYPE, typeName, type Unit } from './unit.ts';
import { UnitBuilder } from './unit-builder.ts';

/** Entries whose fullUrls can be held in memory, at about 200 bytes each. */
const MOST_ENTRIES = 5_000_000;
const DEPTH = 64;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const UUID_URN = /^urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

interface Entry {
  index: number;
  fullUrl: string | undefined;
  /** With its id; undefined for an entry that holds none or cannot be parsed. */
  resource: Resource | undefined;
  bytes: Buffer;
}

/**
 * A Bundle that is too large for one request, as units of lines. It is read twice: first to learn which id stands behind
 * each fullUrl, then to send the resources with their references rewritten (FHIR R4, Bundle §2.36.4.1), because an entry
 * may refer to one that comes much later.
 */
export async function* splitBundle(source: Source): AsyncGenerator<Unit> {
  const targets = new Map<string, string>();
  for await (const { index, fullUrl, resource } of entriesOf(source)) {
    if (index >= MOST_ENTRIES) throw new UnreadableFile(`It has more than ${MOST_ENTRIES} entries: split it.`);
    if (fullUrl && resource) targets.set(fullUrl, `${resource.resourceType}/${resource.id}`);
  }
  const opened = await source.open();
  const builder = new UnitBuilder(source, opened);
  for await (const { index, resource, bytes } of entriesOf(source, opened.content)) {
    let line = withoutLineBreaks(bytes);
    if (resource) {
      mapReferences(resource, (reference) => targets.get(reference));
      line = Buffer.from(stringifyJson(resource));
    }
    const unit = builder.add(line, resource ? typeName(resource.resourceType) : NO_TYPE, index);
    if (unit) yield unit;
  }
  const last = builder.take();
  if (last) yield last;
}

async function* entriesOf(source: Source, opened?: AsyncIterable<Buffer>): AsyncGenerator<Entry> {
  const content = opened ?? ((await source.open()).content as AsyncIterable<Buffer>);
  const scanner = new EntryScanner();
  let index = 0;
  for await (const chunk of content) {
    for (const bytes of scanner.push(chunk)) yield { index: index++, bytes, ...read(bytes) };
  }
  scanner.end();
  if (scanner.resourceType !== 'Bundle') {
    throw new UnreadableFile(
      `It is larger than ${LARGEST_UNIT / 1024 ** 2} MB and no Bundle, so it cannot be divided.`,
    );
  }
}

function read(bytes: Buffer): Pick<Entry, 'fullUrl' | 'resource'> {
  const entry = parse(bytes);
  const fullUrl = typeof entry?.fullUrl === 'string' ? entry.fullUrl : undefined;
  const resource = entry?.resource;
  if (!isObject(resource) || typeof resource.resourceType !== 'string') return { fullUrl, resource: undefined };
  const id = idOf(resource.id, fullUrl, bytes);
  return { fullUrl, resource: { ...resource, resourceType: resource.resourceType, id } };
}

/** Its own id, else the UUID of the fullUrl, else one made from the content, so that reading again gives it again. */
function idOf(own: unknown, fullUrl: string | undefined, bytes: Buffer): string {
  if (typeof own === 'string' && ID.test(own)) return own;
  const urn = UUID_URN.exec(fullUrl ?? '')?.[1];
  return (
    urn?.toLowerCase() ??
    hash('sha256', bytes)
      .slice(0, 32)
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  );
}

function parse(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value = parseJson(bytes.toString('utf8'), { depth: DEPTH });
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return undefined;
  }
}

/** What cannot be parsed goes to the server as it is, in one line, and comes back refused with the reason. */
function withoutLineBreaks(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte)));
}
