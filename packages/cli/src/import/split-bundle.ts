import { createHash, type Hash, hash } from 'node:crypto';
import { JsonError, mapReferences, parseJson, type Resource, stringifyJson } from '@meridian/fhir';
import { EntryScanner } from './entry-scanner.ts';
import { type Source, UnreadableFile } from './source.ts';
import { isObject, LARGEST_UNIT, NO_TYPE, typeName, type Unit } from './unit.ts';
import { UnitBuilder } from './unit-builder.ts';

/** Entries whose fullUrls can be held in memory, at about 300 bytes each. */
const MOST_ENTRIES = 5_000_000;
const DEPTH = 64;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const UUID_URN = /^urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const UUID_PARTS = /^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/;

interface Entry {
  index: number;
  fullUrl: string | undefined;
  /** Undefined for an entry that holds none or cannot be parsed. */
  resource: Resource | undefined;
  bytes: Buffer;
}

/**
 * A large Bundle as units of lines. It is read twice: first to learn which id stands behind each fullUrl, then to send the
 * resources with their references rewritten (FHIR R4, Bundle §2.36.4.1), because an entry may refer to one that comes much
 * later.
 */
export async function* splitBundle(source: Source): AsyncGenerator<Unit> {
  const { targets, digest } = await readTargets(source);
  const idAt = (index: number) => hash('sha256', `${index}\n${digest}`).replace(UUID_PARTS, '$1-$2-$3-$4-$5');
  const target = (reference: string) => {
    const found = targets.get(reference);
    return found && `${found.type}/${found.id ?? idAt(found.index)}`;
  };
  const opened = await source.open();
  const builder = new UnitBuilder(source, opened);
  for await (const { index, fullUrl, resource, bytes } of entriesOf(opened.content)) {
    let line = withoutLineBreaks(bytes);
    if (resource) {
      resource.id = ownId(resource, fullUrl) ?? idAt(index);
      mapReferences(resource, target);
      line = Buffer.from(stringifyJson(resource));
    }
    const unit = builder.add(line, resource ? typeName(resource.resourceType) : NO_TYPE, index);
    if (unit) yield unit;
  }
  const last = builder.take();
  if (last) yield last;
}

/** What stands behind a fullUrl: without an id of its own, it gets one from the content of the file and its place. */
interface Target {
  type: string;
  id: string | undefined;
  index: number;
}

async function readTargets(source: Source): Promise<{ targets: Map<string, Target>; digest: string }> {
  const targets = new Map<string, Target>();
  const content = createHash('sha256');
  const { content: chunks } = await source.open();
  for await (const { index, fullUrl, resource } of entriesOf(chunks, content)) {
    if (index >= MOST_ENTRIES) throw new UnreadableFile(`It has more than ${MOST_ENTRIES} entries: split it.`);
    if (!fullUrl || !resource) continue;
    targets.set(fullUrl, { type: resource.resourceType, id: ownId(resource, fullUrl), index });
  }
  return { targets, digest: content.digest('hex') };
}

async function* entriesOf(chunks: AsyncIterable<Buffer>, digest?: Hash): AsyncGenerator<Entry> {
  const scanner = new EntryScanner();
  let index = 0;
  for await (const chunk of chunks) {
    digest?.update(chunk);
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
  return { fullUrl, resource: isResource(resource) ? resource : undefined };
}

function isResource(value: unknown): value is Resource {
  return isObject(value) && typeof value.resourceType === 'string';
}

/** Its own id, else the UUID of the fullUrl. */
function ownId({ id }: Resource, fullUrl: string | undefined): string | undefined {
  if (typeof id === 'string' && ID.test(id)) return id;
  return UUID_URN.exec(fullUrl ?? '')?.[1]?.toLowerCase();
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
