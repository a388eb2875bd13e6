import { systemError } from '../command-error.ts';
import { linesOf, typeOfLine } from './lines.ts';
import { inflateError, type OpenedSource, type Source, UnreadableFile } from './source.ts';
import { splitBundle } from './split-bundle.ts';
import { isObject, LARGEST_UNIT, NO_TYPE, typeName, type Unit } from './unit.ts';
import { UnitBuilder } from './unit-builder.ts';

/**
 * A file in units, in its order; the same file gives the same units every time. Throws UnreadableFile where it cannot be
 * read on; the units before that stand.
 */
export async function* unitsOf(source: Source): AsyncGenerator<Unit> {
  try {
    yield* source.kind === 'ndjson' ? ndjsonUnits(source) : jsonUnits(source);
  } catch (error) {
    const sentence = inflateError(error) ?? systemError(error);
    throw sentence === undefined ? error : new UnreadableFile(sentence);
  }
}

async function* ndjsonUnits(source: Source): AsyncGenerator<Unit> {
  const opened = await source.open();
  const builder = new UnitBuilder(source, opened);
  for await (const lines of linesOf(opened.content)) {
    for (const { text, index } of lines) {
      const unit = builder.add(text, typeOfLine(text), index);
      if (unit) yield unit;
    }
  }
  const last = builder.take();
  if (last) yield last;
}

/**
 * Bundles above this many bytes are divided: small requests are answered long before anybody loses patience, several
 * workers of the server share them, progress shows, and less is sent again after a kill.
 */
const DIVIDED_ABOVE = 2 * 1024 * 1024;

async function* jsonUnits(source: Source): AsyncGenerator<Unit> {
  const body = await readUpTo(LARGEST_UNIT, await source.open());
  if (body === undefined) yield* splitBundle(source);
  else if (holdsLines(body)) yield* ndjsonUnits(source);
  else if (body.length > DIVIDED_ABOVE && isBundle(body)) yield* splitBundle(source);
  else yield* wholeFile(source, body);
}

/** The whole content, or undefined if there is more. */
async function readUpTo(limit: number, { content }: OpenedSource): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    size += chunk.length;
    // leaving the loop closes the file
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Whether a `.json` file is NDJSON, as some systems write it: its first line is a resource, and there is another. */
function holdsLines(body: Buffer): boolean {
  const end = body.indexOf(0x0a);
  if (end < 0 || end > body.length - 3 || body.subarray(end).toString('latin1').trim() === '') return false;
  const first = parse(body.subarray(0, end));
  return isObject(first) && typeof first.resourceType === 'string';
}

function isBundle(body: Buffer): boolean {
  const value = parse(body);
  return isObject(value) && value.resourceType === 'Bundle';
}

function* wholeFile(source: Source, body: Buffer): Generator<Unit> {
  const value = parse(body);
  if (value === undefined) throw new UnreadableFile('It is not valid JSON, or not complete.');
  if (!isObject(value) || typeof value.resourceType !== 'string') {
    throw new UnreadableFile('It is JSON, but no FHIR resource: it has no resourceType.');
  }
  const types = typesOf(value, value.resourceType);
  // a Bundle without entries, such as an empty answer to a search, holds nothing to import
  if (types.length === 0) return;
  yield { source, ordinal: 0, format: 'bundle', body, types, indexes: types.map((_, i) => i), share: source.size };
}

function typesOf(value: Record<string, unknown>, resourceType: string): string[] {
  if (resourceType !== 'Bundle') return [typeName(resourceType)];
  const entries: unknown[] = Array.isArray(value.entry) ? value.entry : [];
  return entries.map((entry) => {
    const resource = isObject(entry) ? entry.resource : undefined;
    return isObject(resource) ? typeName(resource.resourceType) : NO_TYPE;
  });
}

/** Undefined where it is not valid JSON: the engine's own message would quote the text. */
function parse(text: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(text.toString('utf8').replace(/^\ufeff/, ''));
    return value ?? null;
  } catch {
    return undefined;
  }
}
