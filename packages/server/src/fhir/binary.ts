import { pipeline, type Readable, Transform } from 'node:stream';
import { patientIdOf, type Resource } from '@meridian/fhir';
import type { BlobOwner, StoredVersion } from '@meridian/records';
import { aroundData, type KeptContent, keptContentOf, LARGE, withKeptContent } from '@meridian/records';
import { BODY_LIMIT, readBody } from '../http/body.ts';
import { versionOfIfMatch } from '../http/etag.ts';
import { refusal } from '../http/http-error.ts';
import { mediaType } from '../http/media.ts';
import { first } from '../http/query-string.ts';
import { create } from './create.ts';
import { isId, requireValid } from './incoming.ts';
import { parseStored, versionAnswer, writeAnswer } from './outgoing.ts';
import { parseRange } from './range.ts';
import { isUnchanged, requireLive } from './read.ts';
import { type Answer, type FhirRequest, header } from './request.ts';
import type { Services } from './services.ts';
import { update } from './update.ts';

/** Most bytes of one Binary sent raw. */
export const BINARY_LIMIT = 4 * 1024 * 1024 * 1024;

const FHIR_TYPES: ReadonlySet<string> = new Set(['application/fhir+json', 'application/json+fhir']);

/** `POST Binary` and `PUT Binary/[id]`: any content as it is, or a Binary as FHIR JSON (FHIR R4, Binary §2.41). */
export async function writeBinary(id: string | undefined, request: FhirRequest, services: Services): Promise<Answer> {
  const contentType = header(request, 'content-type');
  if (request.body.kind !== 'stream' || FHIR_TYPES.has(mediaType(contentType))) {
    const whole = await inMemory(request);
    return id === undefined ? create('Binary', whole, services) : update('Binary', id, whole, services);
  }
  if (!contentType) {
    throw refusal(415, 'required', 'A Binary needs the Content-Type of its content.');
  }
  const { reference, owner } = await securityContextOf(request, services);
  const binary: Resource = {
    resourceType: 'Binary',
    contentType: contentType.slice(0, 200),
    ...(reference !== undefined && { securityContext: { reference } }),
  };
  const resource = await withContent(binary, owner, request.body.stream, services);
  if (id === undefined) {
    requireValid(resource, services);
    return writeAnswer(await services.store.write({ op: 'create', resource }, request.context), minimal(request));
  }
  const named = { ...resource, id };
  requireValid(named, services);
  const ifMatch = header(request, 'if-match');
  const condition = ifMatch === undefined ? {} : { ifMatch: versionOfIfMatch(ifMatch) };
  return writeAnswer(
    await services.store.write({ op: 'update', resource: named, ...condition }, request.context),
    minimal(request),
  );
}

/** Content that came raw is not sent back unless asked for. */
function minimal(request: FhirRequest): FhirRequest {
  if (request.preferences.return === 'OperationOutcome') return request;
  return { ...request, preferences: { ...request.preferences, return: 'minimal' } };
}

async function inMemory(request: FhirRequest): Promise<FhirRequest> {
  const { body } = request;
  if (body.kind !== 'stream') return request;
  const bytes = await readBody(body.stream, BODY_LIMIT, body.length === undefined ? undefined : String(body.length));
  return { ...request, body: { kind: 'bytes', bytes } };
}

/** `X-Security-Context` (FHIR R4, Binary §2.41.4) and the patient whose keys protect the content. */
async function securityContextOf(
  request: FhirRequest,
  services: Services,
): Promise<{ reference?: string; owner: BlobOwner }> {
  const text = header(request, 'x-security-context');
  if (text === undefined) return { owner: {} };
  const reference = text.startsWith(`${services.baseUrl}/`) ? text.slice(services.baseUrl.length + 1) : text;
  const [type, id, ...more] = reference.split('/');
  if (!type || !id || !isId(id) || !/^[A-Z][A-Za-z]+$/.test(type) || more.length > 0) {
    throw refusal(400, 'value', 'X-Security-Context must be a reference to a resource here, such as Patient/123.');
  }
  if (type === 'Patient') return { reference, owner: { patientId: id } };
  const stored = requireLive(await services.store.read(type, id, request.context), type, id);
  const patientId = patientIdOf(parseStored(stored));
  return { reference, owner: patientId === undefined ? {} : { patientId } };
}

/** Keeps small content of nobody inside the Binary; streams everything else to the blob store. */
async function withContent(
  binary: Resource,
  owner: BlobOwner,
  stream: Readable,
  services: Services,
): Promise<Resource> {
  if (owner.patientId === undefined) {
    const head: Buffer[] = [];
    let size = 0;
    const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (let next = await iterator.next(); ; next = await iterator.next()) {
      if (next.done) return { ...binary, ...(size > 0 && { data: Buffer.concat(head).toString('base64') }) };
      head.push(next.value);
      size += next.value.length;
      if (size > LARGE) break;
    }
    return keep(binary, owner, rejoined(head, iterator), services);
  }
  return keep(binary, owner, stream, services);
}

async function keep(
  binary: Resource,
  owner: BlobOwner,
  content: AsyncIterable<Buffer>,
  services: Services,
): Promise<Resource> {
  const { Readable: Stream } = await import('node:stream');
  const info = await services.store.blobs.put(owner, Stream.from(content), BINARY_LIMIT);
  return withKeptContent(binary, { ...info, owner });
}

async function* rejoined(head: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** `GET Binary/[id]`: FHIR JSON where it is asked for by name, else the content itself, whole or by ranges. */
export async function readBinary(id: string, request: FhirRequest, services: Services): Promise<Answer> {
  const stored = requireLive(await services.store.read('Binary', id, request.context), 'Binary', id);
  return showBinary(stored, request, services);
}

export async function showBinary(stored: StoredVersion, request: FhirRequest, services: Services): Promise<Answer> {
  if (isUnchanged(stored, request)) return { status: 304, version: stored };
  const binary = parseStored(stored);
  const kept = keptContentOf(binary);
  if (wantsJson(request)) {
    if (!kept) return versionAnswer(200, stored);
    const { before, after } = aroundData(binary);
    const length = Buffer.byteLength(before) + Math.ceil(kept.size / 3) * 4 + after.length;
    const body = await jsonStream(binary, kept, services);
    return { status: 200, version: stored, body, length };
  }
  const whole = typeof binary.data === 'string' ? Buffer.from(binary.data, 'base64') : Buffer.alloc(0);
  const size = kept?.size ?? whole.length;
  const range = header(request, 'if-range') === undefined ? parseRange(header(request, 'range'), size) : undefined;
  if (range === 'unsatisfiable') {
    throw refusal(416, 'value', 'The Range header asks for bytes behind the end.', {
      'content-range': `bytes */${size}`,
    });
  }
  const { start, end } = range ?? { start: 0, end: size };
  return {
    status: range ? 206 : 200,
    version: stored,
    contentType: String(binary.contentType),
    body: kept ? await contentOf(kept, services, range) : whole.subarray(start, end),
    length: end - start,
    headers: {
      'accept-ranges': 'bytes',
      // Content that somebody uploaded is never shown as a page of this origin.
      'content-disposition': 'attachment',
      ...(range && { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
    },
  };
}

function wantsJson(request: FhirRequest): boolean {
  const format = first(request.parameters, '_format');
  if (format !== undefined) return true;
  const accept = header(request, 'accept') ?? '';
  return accept.split(',', 50).some((range) => FHIR_TYPES.has(mediaType(range)));
}

async function contentOf(
  kept: KeptContent,
  services: Pick<Services, 'store'>,
  range?: { start: number; end: number },
): Promise<Readable> {
  const found = await services.store.blobs.get(kept.owner, kept.digest, range);
  if (!found) throw refusal(410, 'deleted', 'The content of this Binary has been purged.');
  return found.content;
}

/** The Binary as JSON with its content as base64, in constant memory. */
export async function jsonStream(
  binary: Resource,
  kept: KeptContent,
  services: Pick<Services, 'store'>,
): Promise<Readable> {
  const content = await contentOf(kept, services);
  const { before, after } = aroundData(binary);
  const encoder = new Base64Frame(before, after);
  // Errors reach the reader of `encoder`; nobody else has to hear of them.
  pipeline(content, encoder, () => {});
  return encoder;
}

/** Encodes to base64 three bytes at a time, between two texts. */
class Base64Frame extends Transform {
  readonly #after: string;
  #left: Buffer = Buffer.alloc(0);

  constructor(before: string, after: string) {
    super();
    this.#after = after;
    this.push(before);
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error: Error | null, data?: string) => void): void {
    const all = this.#left.length > 0 ? Buffer.concat([this.#left, chunk]) : chunk;
    const whole = all.length - (all.length % 3);
    this.#left = Buffer.from(all.subarray(whole));
    done(null, all.toString('base64', 0, whole));
  }

  override _flush(done: (error: Error | null, data?: string) => void): void {
    done(null, this.#left.toString('base64') + this.#after);
  }
}
