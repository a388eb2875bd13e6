import { Readable } from 'node:stream';
import {
  ConversionError,
  EXPLICIT_LITTLE,
  frameExtents,
  frameMediaType,
  type JsonDataSet,
  pixelShape,
  type Renderer,
  transferSyntax,
} from '@meridian/convert';
import type { ViewContext } from '@meridian/records';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import { mediaType } from '../http/media.ts';
import { extentBytes, gathered, instanceBytes } from './instance-bytes.ts';
import type { KeptInstance } from './kept-instance.ts';
import { mediaParameter, multipartRelated, type OutgoingPart } from './multipart.ts';
import { nothingHere, openSelection, type Selection, type StudyParts } from './study-access.ts';

export interface RetrieveParts extends StudyParts {
  renderer: Renderer;
  /** Such as `https://records.example.org/dicom-web`. */
  base: string;
}

/** One range of an Accept header. */
interface Range {
  type: string;
  /** `type` of multipart/related. */
  inner: string | undefined;
  syntax: string | undefined;
}

function accepted(accept: string | undefined): Range[] {
  return (accept ?? '*/*')
    .slice(0, 4000)
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/, 50)
    .map((range) => ({
      type: mediaType(range),
      inner: mediaParameter(range, 'type'),
      syntax: mediaParameter(range, 'transfer-syntax'),
    }));
}

/** Retrieve Instance, Series or Study (PS3.18 §10.4): the instances as they came. */
export async function retrieveInstances(
  selection: Selection,
  accept: string | undefined,
  context: ViewContext,
  parts: RetrieveParts,
): Promise<Answer> {
  const ranges = accepted(accept);
  const { instances } = await openSelection(selection, context, parts);
  const fits = (one: KeptInstance): boolean =>
    ranges.some(({ syntax }) => syntax === undefined || syntax === '*' || syntax === one.transferSyntax);
  const sent = instances.filter(fits);
  const multipart = ranges.some(({ type, inner }) => type === '*/*' || type === 'multipart/*' || isDicom(type, inner));
  const single = ranges.some(({ type }) => type === 'application/dicom');
  if (sent.length === 0 || !(multipart || (single && sent.length === 1))) {
    const sentence =
      'Instances are sent as they are stored: accept multipart/related; type="application/dicom"; transfer-syntax=*.';
    throw refusal(406, 'not-supported', sentence);
  }
  const { blobs } = parts.store;
  const [first] = sent;
  if (single && first && sent.length === 1) {
    const contentType = `application/dicom; transfer-syntax=${first.transferSyntax}`;
    return { status: 200, contentType, body: await instanceBytes(first, blobs), length: first.size };
  }
  const outgoing = sent.map(
    (kept): OutgoingPart => ({
      headers: [
        ['Content-Type', `application/dicom; transfer-syntax=${kept.transferSyntax}`],
        ['Content-Length', String(kept.size)],
        ['Content-Location', instanceUrl(kept, parts.base)],
      ],
      content: () => instanceBytes(kept, blobs),
    }),
  );
  return { status: sent.length < instances.length ? 206 : 200, ...multipartRelated('application/dicom', outgoing) };
}

function isDicom(type: string, inner: string | undefined): boolean {
  return type === 'multipart/related' && (inner === undefined || inner === 'application/dicom' || inner === '*/*');
}

export function instanceUrl({ study, series, instance }: KeptInstance, base: string): string {
  return `${base}/studies/${study}/series/${series}/instances/${instance}`;
}

/** Retrieve Metadata (PS3.18 §10.4.1.1.2): everything but large values, which have URIs of their own. */
export async function retrieveMetadata(
  selection: Selection,
  context: ViewContext,
  parts: RetrieveParts,
): Promise<Answer> {
  const { instances } = await openSelection(selection, context, parts);
  async function* write(): AsyncGenerator<Buffer> {
    let before = '[';
    for (const kept of instances) {
      const { dataSet } = await parts.kept.indexOf(kept);
      const json = withBulkUris(dataSet, instanceUrl(kept, parts.base));
      yield Buffer.from(before + JSON.stringify(json));
      before = ',';
    }
    yield Buffer.from(']');
  }
  return {
    status: 200,
    contentType: 'application/dicom+json',
    body: Readable.from(write(), { objectMode: false }),
  };
}

/** Makes the relative URIs of an index absolute. */
function withBulkUris(dataSet: JsonDataSet, url: string): JsonDataSet {
  const json: JsonDataSet = {};
  for (const [tag, attribute] of Object.entries(dataSet)) {
    if (attribute.BulkDataURI !== undefined)
      json[tag] = { ...attribute, BulkDataURI: `${url}/${attribute.BulkDataURI}` };
    else if (attribute.vr === 'SQ' && attribute.Value) {
      json[tag] = { ...attribute, Value: attribute.Value.map((item) => withBulkUris(item as JsonDataSet, url)) };
    } else json[tag] = attribute;
  }
  return json;
}

/** Retrieve Bulk Data (PS3.18 §10.4.1.1.5): one large value. */
export async function retrieveBulk(
  selection: Selection,
  path: string,
  accept: string | undefined,
  context: ViewContext,
  parts: RetrieveParts,
): Promise<Answer> {
  const [kept] = (await openSelection(selection, context, parts)).instances;
  if (kept === undefined) throw nothingHere();
  const index = await parts.kept.indexOf(kept);
  const fragments = path === '7FE00010' ? index.fragments?.extents : undefined;
  const extent = index.bulk[path];
  if (fragments === undefined && extent === undefined) throw nothingHere();
  const { blobs } = parts.store;
  const type = fragments ? frameMediaType(transferSyntax(kept.transferSyntax)) : 'application/octet-stream';
  const extents = fragments ?? (extent ? [extent] : []);
  const [only] = extents;
  if (only && extents.length === 1 && accepted(accept).some((range) => range.type === type || range.type === '*/*')) {
    const body = Readable.from(extentBytes(kept, index, only, blobs), { objectMode: false });
    return { status: 200, contentType: type, body, length: only.end - only.start };
  }
  const outgoing = extents.map(
    (one): OutgoingPart => ({
      headers: [['Content-Type', typeWithSyntax(type, fragments ? kept.transferSyntax : EXPLICIT_LITTLE)]],
      content: async () => extentBytes(kept, index, one, blobs),
    }),
  );
  return { status: 200, ...multipartRelated(type, outgoing) };
}

function typeWithSyntax(type: string, syntax: string): string {
  return `${type}; transfer-syntax=${syntax}`;
}

/**
 * Retrieve Frames (PS3.18 §10.4.1.1.6): compressed as they are stored where the caller takes that, else decoded, little
 * endian.
 *
 * @param frames from 1
 */
export async function retrieveFrames(
  selection: Selection,
  frames: readonly number[],
  accept: string | undefined,
  context: ViewContext,
  parts: RetrieveParts,
): Promise<Answer> {
  const [kept] = (await openSelection(selection, context, parts)).instances;
  if (kept === undefined) throw nothingHere();
  const index = await parts.kept.indexOf(kept);
  const extents = frames.map((frame) => framed(() => frameExtents(index, frame)));
  const syntax = transferSyntax(kept.transferSyntax);
  const own = frameMediaType(syntax);
  const { blobs } = parts.store;
  const asStored =
    syntax.codec === undefined
      ? !syntax.bigEndian
      : accepted(accept).some(
          (range) => range.inner === own || range.type === own || range.syntax === '*' || range.syntax === syntax.uid,
        );
  const type = asStored ? own : 'application/octet-stream';
  const sent = typeWithSyntax(type, asStored && syntax.codec ? syntax.uid : EXPLICIT_LITTLE);
  const outgoing = extents.map(
    (places): OutgoingPart => ({
      headers: [['Content-Type', sent]],
      content: async () => {
        const bytes = await gathered(kept, index, places, blobs);
        if (asStored) return [bytes];
        const job = { bytes, shape: pixelShape(index), transferSyntax: kept.transferSyntax };
        return [await parts.renderer.render(job)];
      },
    }),
  );
  return { status: 200, ...multipartRelated(type, outgoing) };
}

/** What pixels cannot give is not there. */
export function framed<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConversionError) throw refusal(404, 'not-found', error.message);
    throw error;
  }
}
